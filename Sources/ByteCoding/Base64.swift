/// Base64 (RFC 4648) without Foundation: the standard alphabet, padded, and the URL-safe one, unpadded.
package enum Base64 {
    private static let standard = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let urlSafe = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// The value of each byte in either alphabet; 255 where it is in none.
    private static let values: [UInt8] = {
        var table = [UInt8](repeating: 255, count: 256)
        for (value, byte) in standard.enumerated() { table[Int(byte)] = UInt8(value) }
        for (value, byte) in urlSafe.enumerated() { table[Int(byte)] = UInt8(value) }
        return table
    }()

    /// The bytes in the standard alphabet, padded (RFC 4648, section 4).
    package static func encode(_ bytes: [UInt8]) -> [UInt8] {
        let size = (bytes.count + 2) / 3 * 4
        return [UInt8](unsafeUninitializedCapacity: size) { out, length in
            standard.withUnsafeBufferPointer { letters in
                bytes.withUnsafeBufferPointer { bytes in
                    var index = 0
                    var place = 0
                    while index < bytes.count {
                        let rest = bytes.count - index
                        let second = rest > 1 ? bytes[index + 1] : 0
                        let third = rest > 2 ? bytes[index + 2] : 0
                        out[place] = letters[Int(bytes[index] >> 2)]
                        out[place + 1] = letters[Int((bytes[index] & 0x03) << 4 | second >> 4)]
                        out[place + 2] = rest > 1 ? letters[Int((second & 0x0F) << 2 | third >> 6)] : UInt8(ascii: "=")
                        out[place + 3] = rest > 2 ? letters[Int(third & 0x3F)] : UInt8(ascii: "=")
                        index += 3
                        place += 4
                    }
                }
            }
            length = size
        }
    }

    /// The bytes as text in the standard alphabet, padded.
    package static func text(_ bytes: [UInt8]) -> String {
        String(decoding: encode(bytes), as: UTF8.self)
    }

    /// The bytes as text in the URL-safe alphabet, unpadded (RFC 4648, section 5).
    package static func urlSafeText(_ bytes: [UInt8]) -> String {
        let text = encode(bytes).compactMap { byte -> UInt8? in
            switch byte {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            case UInt8(ascii: "="): nil
            default: byte
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads either alphabet, padded or not; nil for other characters, wrong lengths, and stray bits after the last byte.
    package static func decode(_ text: some Sequence<UInt8>) -> [UInt8]? {
        decode(Array(text))
    }

    /// Reads either alphabet, padded or not; nil for other characters, wrong lengths, and stray bits after the last byte.
    package static func decode(_ text: [UInt8]) -> [UInt8]? {
        var end = text.count
        while end > 0, text.count - end < 2, text[end - 1] == UInt8(ascii: "=") { end -= 1 }
        guard end % 4 != 1, end == text.count || text.count % 4 == 0 else { return nil }
        var output: [UInt8] = []
        output.reserveCapacity(end / 4 * 3 + 2)
        var bits: UInt32 = 0
        var bitCount = 0
        for index in 0..<end {
            let value = values[Int(text[index])]
            guard value < 64 else { return nil }
            bits = bits << 6 | UInt32(value)
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                output.append(UInt8(truncatingIfNeeded: bits >> UInt32(bitCount)))
            }
        }
        guard bits & (1 << UInt32(bitCount) - 1) == 0 else { return nil }
        return output
    }

    /// Reads the standard alphabet, padded; nil for anything but the one text that `encode` gives for some bytes.
    package static func decodeCanonical(_ text: [UInt8]) -> [UInt8]? {
        guard text.count % 4 == 0, !text.contains(UInt8(ascii: "-")), !text.contains(UInt8(ascii: "_")) else { return nil }
        return decode(text)
    }
}
