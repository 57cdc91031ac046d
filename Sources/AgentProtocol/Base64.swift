/// Base64 with padding (RFC 4648, section 4), without Foundation.
package enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xFF, count: 256)
        for (value, letter) in alphabet.enumerated() { values[Int(letter)] = UInt8(value) }
        return values
    }()

    /// The bytes as ASCII text.
    package static func encode(_ bytes: [UInt8]) -> [UInt8] {
        let size = (bytes.count + 2) / 3 * 4
        return [UInt8](unsafeUninitializedCapacity: size) { out, length in
            alphabet.withUnsafeBufferPointer { letters in
                bytes.withUnsafeBufferPointer { bytes in
                    var index = 0
                    var place = 0
                    while index < bytes.count {
                        let rest = bytes.count - index
                        let second = rest > 1 ? bytes[index + 1] : 0
                        let third = rest > 2 ? bytes[index + 2] : 0
                        out[place] = letters[Int(bytes[index] >> 2)]
                        out[place + 1] = letters[Int((bytes[index] & 0x03) << 4 | second >> 4)]
                        out[place + 2] = rest > 1 ? letters[Int((second & 0x0F) << 2 | third >> 6)] : 0x3D
                        out[place + 3] = rest > 2 ? letters[Int(third & 0x3F)] : 0x3D
                        index += 3
                        place += 4
                    }
                }
            }
            length = size
        }
    }

    /// The text form.
    package static func text(_ bytes: [UInt8]) -> String { String(decoding: encode(bytes), as: UTF8.self) }

    /// The bytes of a text; nil for anything but the one canonical encoding of some bytes.
    package static func decode(_ text: [UInt8]) -> [UInt8]? {
        guard text.count % 4 == 0 else { return nil }
        var out: [UInt8] = []
        out.reserveCapacity(text.count / 4 * 3)
        var index = 0
        while index < text.count {
            let isLast = index + 4 == text.count
            let padding = isLast ? (text[index + 3] == 0x3D ? (text[index + 2] == 0x3D ? 2 : 1) : 0) : 0
            var group: UInt32 = 0
            for place in 0..<4 {
                let value = place < 4 - padding ? values[Int(text[index + place])] : 0
                guard value != 0xFF else { return nil }
                group = group << 6 | UInt32(value)
            }
            out.append(UInt8(group >> 16))
            if padding < 2 { out.append(UInt8(group >> 8 & 0xFF)) }
            if padding < 1 { out.append(UInt8(group & 0xFF)) }
            // Bits that belong to no byte must be zero, or two texts would mean the same.
            guard padding == 0 || group & (padding == 1 ? 0xFF : 0xFFFF) == 0 else { return nil }
            index += 4
        }
        return out
    }
}
