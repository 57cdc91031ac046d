import Crypto

/// The SHA-256 of a code archive, which names it everywhere: as `CodeSha256` in Base64, on the disk in hexadecimal digits.
package struct CodeDigest: Hashable, Sendable {
    /// The 32 bytes.
    package let bytes: [UInt8]

    /// The digest of an archive.
    package init(of archive: [UInt8]) {
        bytes = Array(SHA256.hash(data: archive))
    }

    /// A digest that is known.
    package init?(bytes: [UInt8]) {
        guard bytes.count == SHA256.byteCount else { return nil }
        self.bytes = bytes
    }

    /// Reads 64 hexadecimal digits in lower case.
    package init?(hexadecimal text: some StringProtocol) {
        guard text.utf8.count == 2 * SHA256.byteCount else { return nil }
        var bytes: [UInt8] = []
        var high: UInt8?
        for digit in text.utf8 {
            let value: UInt8
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = digit - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = digit - UInt8(ascii: "a") + 10
            default: return nil
            }
            if let upper = high {
                bytes.append(upper << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        self.bytes = bytes
    }

    /// As names on the disk have it.
    package var hexadecimal: String { CodeDigest.hexadecimal(bytes) }

    /// Bytes as hexadecimal digits in lower case.
    static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 0xF)]] }, as: UTF8.self)
    }
}
