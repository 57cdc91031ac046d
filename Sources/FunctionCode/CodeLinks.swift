import Crypto
package import TimeSource

/// Links to code archives that need no signature, as GetFunction hands them out: valid for ten minutes and for one archive, and not
/// after the server's end.
package struct CodeLinks: Sendable {
    /// Where all paths begin.
    package static let pathPrefix = "/functions/code/"

    private static let lifetime = Duration.seconds(600)

    private let key: SymmetricKey
    private let clock: any ClockSource

    /// Links under a key of their own.
    package init(clock: any ClockSource, random: any RandomSource) {
        self.clock = clock
        key = SymmetricKey(data: random.bytes(32))
    }

    /// Path and query of a fresh link.
    package func link(to digest: CodeDigest) -> String {
        let end = (clock.now + CodeLinks.lifetime).seconds
        let name = digest.hexadecimal
        return "\(CodeLinks.pathPrefix)\(name).zip?Expires=\(end)&Signature=\(CodeDigest.hexadecimal(signature(name, end)))"
    }

    /// The archive that a link names; nil when it is not one of ours, or ended.
    package func digest(path: String, query: String) -> CodeDigest? {
        guard path.hasPrefix(CodeLinks.pathPrefix), path.hasSuffix(".zip"),
            let digest = CodeDigest(hexadecimal: path.dropFirst(CodeLinks.pathPrefix.count).dropLast(4))
        else { return nil }
        var fields: [String: Substring] = [:]
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { fields[String(parts[0])] = parts[1] }
        }
        guard let end = fields["Expires"].flatMap({ Int64($0) }), end >= clock.now.seconds,
            let given = fields["Signature"].flatMap({ CodeDigest(hexadecimal: $0) }),
            HMAC<SHA256>.isValidAuthenticationCode(given.bytes, authenticating: content(digest.hexadecimal, end), using: key)
        else { return nil }
        return digest
    }

    private func signature(_ name: String, _ end: Int64) -> HMAC<SHA256>.MAC {
        HMAC<SHA256>.authenticationCode(for: content(name, end), using: key)
    }

    private func content(_ name: String, _ end: Int64) -> [UInt8] {
        Array("function code\n\(name)\n\(end)".utf8)
    }
}
