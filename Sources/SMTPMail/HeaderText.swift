import ByteCoding

/// Free text in a header: plain ASCII as it is, anything else as encoded words (RFC 2047).
enum HeaderText {
    /// Longest line (RFC 5322, section 2.1.1), without CRLF.
    private static let maximumLineLength = 998

    /// Octets of text in one encoded word. With `=?UTF-8?B?` and `?=` 39 octets make 64 characters: a word has 75 at most,
    /// and a line with one, the longest of our field names included, 76 (RFC 2047, section 2).
    private static let octetsPerWord = 39

    /// The text as a field's value. Plain ASCII is not even folded, so that simple receivers read it unaltered.
    static func encode(_ text: String, fieldNameLength: Int) -> String {
        let fitsOneLine = fieldNameLength + 2 + text.utf8.count <= maximumLineLength
        return fitsOneLine && !needsEncoding(text) ? text : encodedWords(text)
    }

    /// Whether a reader would see other text if it stood in the header as it is.
    static func needsEncoding(_ text: String) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last else { return false }
        let isBlank: (UInt8) -> Bool = { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        // Blanks at the ends are dropped by parsers; "=?" would be taken for an encoded word.
        return !text.utf8.allSatisfy { (0x20...0x7E).contains($0) || $0 == UInt8(ascii: "\t") }
            || isBlank(first) || isBlank(last) || text.contains("=?")
    }

    /// The text as base64 words, folded between them; no word splits a character (RFC 2047, section 5).
    static func encodedWords(_ text: String) -> String {
        var words: [String] = []
        var pending: [UInt8] = []
        func flush() {
            guard !pending.isEmpty else { return }
            words.append("=?UTF-8?B?\(Base64.text(pending))?=")
            pending.removeAll(keepingCapacity: true)
        }
        for scalar in text.unicodeScalars {
            let octets = Array(String(scalar).utf8)
            if pending.count + octets.count > octetsPerWord { flush() }
            pending += octets
        }
        flush()
        return words.joined(separator: "\r\n ")
    }
}
