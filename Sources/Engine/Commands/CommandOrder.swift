package import AgentProtocol
import Crypto
package import Store

/// What to run on which nodes: a checked SendCommand.
package struct CommandOrder: Sendable {
    /// How the command gets its id. The same id twice in an account is one command: the second time answers what the first one made.
    package enum Identity: Sendable, Hashable {
        /// A fresh one.
        case generated
        /// The caller's, a UUID: for a rule's tick, fixed before the target is called.
        case fixed(String)
        /// Derived from a key that is unique in the account, such as an execution and its effect's number.
        case derived(key: String)
    }

    /// The account.
    package var account: String
    /// How the command gets its id.
    package var identity: Identity
    /// The document's name.
    package var documentName: String
    /// The document's version as the caller gave it.
    package var documentVersion: String
    /// What runs, parameters filled in.
    package var steps: [PluginStep]
    /// The caller's other parameters, a JSON object under AWS's names, to be shown.
    package var request: [UInt8]
    /// The nodes, without doubles.
    package var nodes: [String]
    /// How long the command may wait for a node.
    package var deliveryTimeout: Duration
    /// The log group that its output goes to; nil for none.
    package var logGroup: String?
    /// On how many nodes it may run side by side, at least one.
    package var concurrencyLimit: Int
    /// How many errors it may have before no further node gets it.
    package var errorLimit: Int

    /// An order of these facts.
    package init(
        account: String, identity: Identity, documentName: String, documentVersion: String, steps: [PluginStep],
        request: [UInt8], nodes: [String], deliveryTimeout: Duration, logGroup: String? = nil, concurrencyLimit: Int,
        errorLimit: Int
    ) {
        self.account = account
        self.identity = identity
        self.documentName = documentName
        self.documentVersion = documentVersion
        self.steps = steps
        self.request = request
        self.nodes = nodes
        self.deliveryTimeout = deliveryTimeout
        self.logGroup = logGroup
        self.concurrencyLimit = concurrencyLimit
        self.errorLimit = errorLimit
    }
}

extension CommandOrder {
    /// A UUID (RFC 9562, version 8) that stands for a key of an account.
    static func identifier(account: String, key: String) -> String {
        var bytes = Array(SHA256.hash(data: Array("command\0\(account)\0\(key)".utf8)).prefix(16))
        bytes[6] = bytes[6] & 0x0F | 0x80
        bytes[8] = bytes[8] & 0x3F | 0x80
        let digits = hexadecimal(bytes)
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { range in
            String(decoding: digits[range], as: UTF8.self)
        }.joined(separator: "-")
    }

    /// SHA-256 in hexadecimal.
    static func digest(of bytes: [UInt8]) -> String {
        String(decoding: hexadecimal(SHA256.hash(data: bytes)), as: UTF8.self)
    }

    private static func hexadecimal(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        bytes.flatMap { byte in [byte >> 4, byte & 0xF].map { $0 < 10 ? 0x30 + $0 : 0x57 + $0 } }
    }
}

/// A command that is durable, and where it stands.
package struct SentCommand: Sendable {
    /// The command.
    package let record: CommandRecord
    /// How far it is.
    package let progress: CommandProgress
}
