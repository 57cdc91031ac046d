import APIModels
import AWSProtocols
import AdminCLI
import ArgumentParser
import Foundation
import JSONCore
import Logging
import Services

/// `nightshift compatibility`: what this program serves of AWS's operations, from its own models and registry.
struct CompatibilityCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compatibility", abstract: "Print which AWS operations are served, as Markdown.",
        discussion: "Needs no server. docs/compatibility.md is this text.")

    @Option(help: "Compare the text with this file instead of printing it; exit code 1 when they differ.", completion: .file())
    var check: String?

    @Flag(help: "Print JSON: services with their operations.")
    var json = false

    func run() async throws {
        // The parts of the server log as they are put together, which is of no interest here.
        LoggingSystem.bootstrap { _ in SwiftLogNoOpLogHandler() }
        let (document, services) = try await CompatibilityCommand.withParts { parts in
            let document = CompatibilityDocument(catalogue: parts.core.catalogue, registry: parts.registry)
            let misfits = document.unknownRegistrations + document.shapelessRegistrations
            guard misfits.isEmpty else {
                throw CommandFailure(
                    "registered operations that the models do not have: \(misfits.joined(separator: ", "))",
                    advice: "Correct their names, or let Scripts/update-models keep their shapes.")
            }
            return (document.markdown, CompatibilityCommand.services(parts))
        }
        if let check {
            guard let text = FileManager.default.contents(atPath: check) else { throw CommandFailure("cannot read \(check)") }
            guard Array(text) == Array(document.utf8) else {
                throw CommandFailure("\(check) is out of date", advice: "Write it anew: nightshift compatibility > \(check)")
            }
            return
        }
        Terminal().write(json ? JSONWriter.pretty(["services": services]) + "\n" : document)
    }

    /// Puts the server's parts together, as the server does, on a data directory that is gone afterwards. Nothing is started.
    private static func withParts<Result>(_ body: (ServerParts) throws -> Result) async throws -> Result {
        var template = Array((NSTemporaryDirectory() + "/nightshift-XXXXXX").utf8CString)
        guard let made = mkdtemp(&template) else { throw CommandFailure("cannot make a directory in \(NSTemporaryDirectory())") }
        let directory = String(cString: made)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let options = try ServerOptions.parse(["--data", directory, "--listen", "127.0.0.1:0"])
        let core = try await ServerCore(settings: ServerSettings(options))
        do {
            let result = try body(try await ServerParts.all(on: core))
            await core.close()
            return result
        } catch {
            await core.close()
            throw error
        }
    }

    private static func services(_ parts: ServerParts) -> JSONValue {
        .array(
            parts.core.catalogue.services.compactMap { parts.core.catalogue.model($0) }.map { model -> JSONValue in
                let operations = model.operations.keys.sorted().map { name -> JSONValue in
                    let entry = parts.registry.entry(service: model.name, operation: name)
                    let state = entry == nil ? "absent" : entry?.options.partial == nil ? "supported" : "partial"
                    return [
                        "operation": .text(name), "state": .text(state),
                        "remark": entry?.options.partial.map(JSONValue.text) ?? .null,
                    ]
                }
                return [
                    "service": .text(model.name), "name": .text(model.fullName), "apiVersion": .text(model.apiVersion),
                    "operations": .array(operations),
                ]
            })
    }
}
