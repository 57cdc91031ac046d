/// Base64 with padding (RFC 4648, section 4).
enum Base64 {
    /// The encoded form of `bytes`.
    static func text(_ bytes: [UInt8]) -> String {
        let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        return alphabet.withUTF8Buffer { letters in
            var out: [UInt8] = []
            for start in stride(from: 0, to: bytes.count, by: 3) {
                let group = bytes[start..<min(start + 3, bytes.count)]
                var word: UInt32 = 0
                for byte in group { word = word << 8 | UInt32(byte) }
                word <<= 8 * UInt32(3 - group.count)
                for position in 0..<4 {
                    let letter = letters[Int(word >> UInt32(18 - 6 * position)) & 0x3F]
                    out.append(position <= group.count ? letter : UInt8(ascii: "="))
                }
            }
            return String(decoding: out, as: UTF8.self)
        }
    }
}
