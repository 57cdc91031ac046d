#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Names of hosts, as far as mail needs them.
package enum HostName {
    /// This machine's own name, or `localhost` when it has none that may stand in a mail address.
    package static func ofThisMachine() -> String {
        // HOST_NAME_MAX is 64 on Linux; POSIX allows 255.
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
        let name = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return isValid(name) ? name : "localhost"
    }

    /// Whether the text has the form of a host name: labels of letters, digits, hyphens and underscores (the last against
    /// RFC 1123, but in use inside companies), or of non-ASCII characters (RFC 6531), joined by single dots.
    static func isValid(_ text: some StringProtocol) -> Bool {
        guard (1...253).contains(text.utf8.count) else { return false }
        return text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            !label.isEmpty && !label.hasPrefix("-") && !label.hasSuffix("-")
                && label.unicodeScalars.allSatisfy(isLabelScalar)
        }
    }

    private static func isLabelScalar(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "-", "_": return true
        default: return !scalar.isASCII && scalar.isAtomText
        }
    }
}
