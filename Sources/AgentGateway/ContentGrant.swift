import AgentProtocol
import ByteCoding
import Engine
import JSONCore

/// A permission to fetch the content of one step of one attempt, as text that only this server can make: it is stored nowhere.
struct ContentGrant: Equatable {
    /// The account whose objects they are.
    var account: String
    /// The node that the attempt runs on; once it is deregistered its grants are void.
    var node: String
    var attempt: AttemptID
    var source: ContentSource
    var expiresAtMilliseconds: Int64

    /// The grant as text: its content and a seal over it.
    func text(_ keys: EngineKeys) -> String {
        let body: JSONValue = [
            "a": .text(account), "n": .text(node), "t": .text(attempt.description), "b": .text(source.bucket), "k": .text(source.key),
            "e": .integer(expiresAtMilliseconds),
        ]
        let bytes = JSONWriter.bytes(of: body)
        return Base64.urlSafeText(bytes) + "." + Base64.urlSafeText(keys.contentSeal(bytes))
    }

    /// The grant of a text; nil when this server did not make it.
    init?(_ text: String, _ keys: EngineKeys) {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 2, let body = Base64.decode(parts[0]), let seal = Base64.decode(parts[1]),
            ContentGrant.isEqual(seal, keys.contentSeal(body)), let json = try? JSONParser.parse(body),
            let account = json["a"]?.text, let node = json["n"]?.text, let attempt = json["t"]?.text.flatMap({ AttemptID($0) }),
            let bucket = json["b"]?.text, let key = json["k"]?.text, let expiresAt = json["e"]?.integer
        else { return nil }
        self.init(
            account: account, node: node, attempt: attempt, source: ContentSource(bucket: bucket, key: key),
            expiresAtMilliseconds: expiresAt)
    }

    init(account: String, node: String, attempt: AttemptID, source: ContentSource, expiresAtMilliseconds: Int64) {
        self.account = account
        self.node = node
        self.attempt = attempt
        self.source = source
        self.expiresAtMilliseconds = expiresAtMilliseconds
    }

    /// In a time that does not depend on where they differ.
    private static func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        var difference: UInt8 = 0
        for (a, b) in zip(left, right) { difference |= a ^ b }
        return difference == 0
    }
}
