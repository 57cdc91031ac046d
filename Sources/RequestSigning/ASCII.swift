/// Small tools on bytes of ASCII text; `Character` and case mapping of Unicode would cost more than the signature itself.
enum ASCII {
    /// The byte in lower case when it is a capital letter.
    static func lowercased(_ byte: UInt8) -> UInt8 {
        byte &- 0x41 < 26 ? byte | 0x20 : byte
    }

    /// Calls `body` with the UTF-8 of `text`, which lies in one piece for every string that was made in Swift.
    static func withBytes<Result>(of text: String, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        var text = text
        return text.withUTF8(body)
    }

    /// Whether `text`, in lower case, equals `lowercase`, which is in lower case already.
    static func equalsIgnoringCase(_ text: String, _ lowercase: String) -> Bool {
        text.utf8.count == lowercase.utf8.count && hasPrefixIgnoringCase(text, lowercase)
    }

    /// Whether `text`, in lower case, starts with `lowercase`, which is in lower case already.
    static func hasPrefixIgnoringCase(_ text: String, _ lowercase: String) -> Bool {
        withBytes(of: text) { left in
            withBytes(of: lowercase) { right in
                guard left.count >= right.count else { return false }
                for index in right.indices where lowercased(left[index]) != right[index] { return false }
                return true
            }
        }
    }

    /// The parts of `text` between separators, empty ones included, in lower case where that is asked for.
    static func split(_ text: String, at separator: UInt8, lowercasing: Bool = false) -> [String] {
        let bytes = lowercasing ? text.utf8.map(lowercased) : Array(text.utf8)
        var parts: [String] = []
        var start = 0
        for index in bytes.indices where bytes[index] == separator {
            parts.append(String(decoding: bytes[start..<index], as: UTF8.self))
            start = index + 1
        }
        parts.append(String(decoding: bytes[start...], as: UTF8.self))
        return parts
    }

    /// Whether the byte is white space that may surround or fold a header's value: space, tab, line feed, carriage return.
    static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }

    /// The text of these bytes.
    static func text(_ bytes: some Sequence<UInt8>) -> String {
        String(decoding: Array(bytes), as: UTF8.self)
    }
}

/// Hexadecimal digits in lower case.
enum Hexadecimal {
    /// Appends two digits for each byte.
    static func append(_ bytes: some Sequence<UInt8>, to out: inout [UInt8]) {
        for byte in bytes {
            out.append(digit(byte >> 4))
            out.append(digit(byte & 0xF))
        }
    }

    /// Two digits for each byte.
    static func text(_ bytes: some Sequence<UInt8>) -> String {
        var out: [UInt8] = []
        append(bytes, to: &out)
        return String(decoding: out, as: UTF8.self)
    }

    /// The bytes that `text` spells, or nil when it has another character than `0-9a-f` or an odd length.
    static func bytes(_ text: some Collection<UInt8>) -> [UInt8]? {
        guard text.count % 2 == 0 else { return nil }
        var out: [UInt8] = []
        out.reserveCapacity(text.count / 2)
        var high: UInt8?
        for byte in text {
            let nibble: UInt8
            switch byte {
            case 0x30...0x39: nibble = byte - 0x30
            case 0x61...0x66: nibble = byte - 0x57
            default: return nil
            }
            if let upper = high {
                out.append(upper << 4 | nibble)
                high = nil
            } else {
                high = nibble
            }
        }
        return out
    }

    private static func digit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? 0x30 + nibble : 0x57 + nibble
    }
}
