/// Reads the text of a pattern byte by byte.
struct PatternScanner {
    private let bytes: [UInt8]
    private var position = 0

    /// A scanner at the start of a text.
    init(_ text: some Sequence<UInt8>) {
        bytes = Array(text)
    }

    /// The next byte, nil at the end.
    var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    /// The last byte of the whole text that is no white space.
    var lastNonSpace: UInt8? { bytes.last { !$0.isPatternSpace } }

    /// Whether everything was read.
    var isAtEnd: Bool { position == bytes.count }

    /// Reads a byte, nil at the end.
    mutating func next() -> UInt8? {
        guard position < bytes.count else { return nil }
        position += 1
        return bytes[position - 1]
    }

    /// Steps over white space.
    mutating func skipSpace() {
        while let byte = peek, byte.isPatternSpace { position += 1 }
    }

    /// Steps over `text` when it comes next, and says whether it did.
    mutating func take(_ text: StaticString) -> Bool {
        text.withUTF8Buffer { wanted in
            guard position + wanted.count <= bytes.count else { return false }
            for index in 0..<wanted.count where bytes[position + index] != wanted[index] { return false }
            position += wanted.count
            return true
        }
    }

    /// Steps over a keyword in any case when it comes next as a whole word.
    mutating func takeKeyword(_ word: StaticString) -> Bool {
        let found = word.withUTF8Buffer { wanted in
            guard position + wanted.count <= bytes.count else { return false }
            for index in 0..<wanted.count where bytes[position + index] & 0xDF != wanted[index] { return false }
            let end = position + wanted.count
            return end == bytes.count || !bytes[end].isWordByte
        }
        if found { position += word.utf8CodeUnitCount }
        return found
    }

    /// The bytes up to the first one that `isEnd` names, or to the end.
    mutating func takeUntil(_ isEnd: (UInt8) -> Bool) -> [UInt8] {
        let start = position
        while position < bytes.count, !isEnd(bytes[position]) { position += 1 }
        return Array(bytes[start..<position])
    }

    /// The text between the quote that comes next and its partner; a backslash takes the next byte as it is.
    mutating func takeQuoted(_ quote: UInt8 = UInt8(ascii: "\"")) throws(LogFilterError) -> [UInt8] {
        guard next() == quote else { throw .invalidPattern }
        var text: [UInt8] = []
        while let byte = next() {
            if byte == quote { return text }
            if byte == UInt8(ascii: "\\"), let escaped = next() {
                if escaped != quote, escaped != byte { text.append(byte) }
                text.append(escaped)
            } else {
                text.append(byte)
            }
        }
        throw .invalidPattern
    }
}

extension UInt8 {
    /// ASCII white space.
    var isPatternSpace: Bool { self == 0x20 || (self >= 0x09 && self <= 0x0D) }

    /// A to Z, a to z, 0 to 9 and underscore: what a term may hold without quotes.
    var isWordByte: Bool {
        switch self {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
