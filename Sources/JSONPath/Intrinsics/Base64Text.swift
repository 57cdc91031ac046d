/// Base64 (RFC 4648 section 4), read as leniently as AWS reads it.
enum Base64Text {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// The bytes in Base64 with padding.
    static func encoded(_ bytes: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let count = min(3, bytes.count - start)
            var group = 0
            for position in 0..<3 { group = group << 8 | (position < count ? Int(bytes[start + position]) : 0) }
            for position in 0..<4 {
                output.append(position <= count ? alphabet[group >> (18 - 6 * position) & 0x3F] : UInt8(ascii: "="))
            }
        }
        return output
    }

    /// The bytes behind Base64 text: characters outside both alphabets (standard and URL) are passed over, padding ends
    /// the text, and missing padding is no error. A single left-over character carries nothing.
    static func decoded(_ text: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        var group = 0
        var bits = 0
        for byte in text {
            if byte == UInt8(ascii: "=") { break }
            guard let value = value(of: byte) else { continue }
            group = (group << 6 | value) & 0xFFFF
            bits += 6
            if bits >= 8 {
                bits -= 8
                output.append(UInt8(truncatingIfNeeded: group >> bits))
            }
        }
        return output
    }

    private static func value(of byte: UInt8) -> Int? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): Int(byte) - 0x41
        case UInt8(ascii: "a")...UInt8(ascii: "z"): Int(byte) - 0x61 + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte) - 0x30 + 52
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
