import AWSProtocols
package import AgentProtocol
import Engine
import JSONCore
package import SecretEncryption
package import Store

/// Fills `{{ssm-secure:name}}` in steps with decrypted values at the moment of the go: they are on no disk of the server, and in no log.
package struct SecureParameterResolver: GoPreparer {
    private static let opening = "{{"
    private static let closing = "}}"
    private static let prefix = "ssm-secure:"

    private let database: any Database
    private let vault: SecretVault
    private let region: String

    /// A resolver of parameters of this region, which the vault opens.
    package init(database: any Database, vault: SecretVault, region: String) {
        self.database = database
        self.vault = vault
        self.region = region
    }

    package func prepare(
        _ steps: [PluginStep], for attempt: AttemptID, of command: CommandRecord, on node: String
    ) async throws -> [PluginStep] {
        // Nearly all commands hold none.
        guard SecureParameterResolver.isMentioned(in: command.steps) else { return steps }
        var values: [String: String] = [:]
        var prepared: [PluginStep] = []
        for step in steps {
            var names: [String] = []
            _ = SecureParameterResolver.fill(step.json) { name in
                names.append(name)
                return nil
            }
            for name in names where values[name] == nil { values[name] = try await value(of: name, account: command.account) }
            prepared.append(try PluginStep(json: SecureParameterResolver.fill(step.json) { values[$0] }))
        }
        return prepared
    }

    private func value(of name: String, account: String) async throws -> String {
        do {
            let version = try await database.read {
                try CommandReferences.find(name, prefix: "ssm-secure", account: account, region: region, in: $0)
            }
            guard version.type == "SecureString" else { return String(decoding: version.value, as: UTF8.self) }
            let plaintext = try await vault.open(
                version.value, account: version.account,
                context: ParameterService.sealContext(name: version.name, version: version.number))
            return String(decoding: plaintext, as: UTF8.self)
        } catch let error as APIError {
            throw GoRefused(reason: error.message)
        }
    }

    private static func isMentioned(in bytes: [UInt8]) -> Bool {
        let wanted = Array(prefix.utf8)
        return bytes.indices.contains { index in
            bytes[index] == wanted[0] && bytes[index...].starts(with: wanted)
        }
    }

    /// A JSON value with the references in its texts replaced; those without a value stay. What a value brings in is not looked at again.
    static func fill(_ value: JSONValue, with find: (_ name: String) -> String?) -> JSONValue {
        switch value {
        case .string(let text): .text(fill(text.text, with: find))
        case .array(let elements): .array(elements.map { fill($0, with: find) })
        case .object(let object): .object(JSONObject(object.members.map { ($0.key, fill($0.value, with: find)) }))
        default: value
        }
    }

    private static func fill(_ text: String, with find: (_ name: String) -> String?) -> String {
        var filled = ""
        var rest = text[...]
        while let open = rest.firstRange(of: opening) {
            guard let close = rest[open.upperBound...].firstRange(of: closing) else { break }
            let inner = rest[open.upperBound..<close.lowerBound].drop { $0 == " " }
            let end = inner.lastIndex { $0 != " " }.map { inner.index(after: $0) } ?? inner.startIndex
            if inner.hasPrefix(prefix), let value = find(String(inner[..<end].dropFirst(prefix.count))) {
                filled += rest[..<open.lowerBound] + value
                rest = rest[close.upperBound...]
            } else {
                // What follows the first brace may be a reference all the same: `{{{ssm-secure:…`.
                let next = rest.index(after: open.lowerBound)
                filled += rest[..<next]
                rest = rest[next...]
            }
        }
        return filled + rest
    }
}
