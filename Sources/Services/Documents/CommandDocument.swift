import AWSProtocols
import AgentProtocol
import Crypto
import Engine
import JSONCore

/// A command document (Systems Manager User Guide, "Schemas, features, and examples": schema version 1.2), ready to be rendered.
struct CommandDocument: Sendable {
    /// One plugin of the document with its properties, placeholders and all.
    private struct Plugin: Sendable {
        let name: String
        let properties: JSONValue
    }

    let name: String
    /// The document's text.
    let content: String
    let schemaVersion: String
    let description: String
    let platformTypes: [String]
    let parameters: [CommandDocumentParameter]
    private let plugins: [Plugin]

    /// The only version there is.
    static let version = "1"
    /// The one plugin that agents run.
    static let shellPlugin = "aws:runShellScript"

    /// Reads a document; nil when it is none.
    init?(name: String, content: String, platformTypes: [String]) {
        guard let json = try? JSONParser.parse(Array(content.utf8)), let schemaVersion = json["schemaVersion"]?.text,
            let runtime = json["runtimeConfig"]?.object
        else { return nil }
        self.name = name
        self.content = content
        self.schemaVersion = schemaVersion
        self.platformTypes = platformTypes
        description = json["description"]?.text ?? ""
        parameters = (json["parameters"]?.object?.members ?? []).compactMap {
            CommandDocumentParameter(name: $0.key.text, $0.value)
        }
        plugins = runtime.members.flatMap { member in
            (member.value["properties"]?.array ?? []).map { Plugin(name: member.key.text, properties: $0) }
        }
    }

    /// SHA-256 of the text, in hexadecimal.
    var hash: String {
        SHA256.hash(data: Array(content.utf8)).map { byte in
            let digits = String(byte, radix: 16)
            return byte < 16 ? "0" + digits : digits
        }.joined()
    }

    /// The steps that a node runs, with a caller's values filled in.
    /// - Throws: `InvalidParameters` for values that the document does not declare or allow, and for missing ones.
    func steps(with values: [(String, [String])]) throws(APIError) -> [PluginStep] {
        for (name, _) in values where !parameters.contains(where: { $0.name == name }) {
            throw APIError("InvalidParameters", "The document \(self.name) has no parameter named \(name).")
        }
        var filled: [String: [String]] = [:]
        for parameter in parameters {
            if let given = values.first(where: { $0.0 == parameter.name })?.1 {
                try parameter.check(given)
                filled[parameter.name] = given
            } else if let preset = parameter.defaultValue {
                filled[parameter.name] = preset
            } else {
                throw APIError("InvalidParameters", "The required parameter \(parameter.name) is missing.")
            }
        }
        return plugins.map { plugin in
            let directory = CommandDocument.fill(plugin.properties["workingDirectory"], filled).first ?? ""
            let timeout = CommandDocument.fill(plugin.properties["timeoutSeconds"], filled).first.flatMap { Int($0) }
            return PluginStep(
                name: plugin.name, action: plugin.name, commands: CommandDocument.fill(plugin.properties["runCommand"], filled),
                workingDirectory: directory.isEmpty ? nil : directory, timeoutSeconds: timeout ?? 3_600)
        }
    }

    /// A property whose `{{ name }}` is replaced: one that is nothing but a placeholder becomes the parameter's values. What a
    /// parameter brings in is not looked at again.
    private static func fill(_ property: JSONValue?, _ values: [String: [String]]) -> [String] {
        switch property {
        case .string(let text)?: fill(text.text, values)
        case .array(let items)?: items.compactMap(\.text).flatMap { fill($0, values) }
        case .number(let number)?: [number.integer.map(String.init) ?? ""]
        default: []
        }
    }

    private static func fill(_ text: String, _ values: [String: [String]]) -> [String] {
        var filled = ""
        var rest = text[...]
        while let open = rest.firstRange(of: "{{"), let close = rest[open.upperBound...].firstRange(of: "}}") {
            let name = rest[open.upperBound..<close.lowerBound].drop { $0 == " " }.prefix { $0 != " " }
            guard let value = values[String(name)] else {
                filled += rest[..<close.upperBound]
                rest = rest[close.upperBound...]
                continue
            }
            let isWhole = open.lowerBound == text.startIndex && close.upperBound == text.endIndex
            if isWhole { return value }
            filled += rest[..<open.lowerBound] + value.joined(separator: " ")
            rest = rest[close.upperBound...]
        }
        return [filled + rest]
    }
}
