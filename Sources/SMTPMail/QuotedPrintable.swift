/// Quoted-printable text (RFC 2045, section 6.7).
enum QuotedPrintable {
    /// Longest encoded line, the `=` of a soft line break included.
    private static let maximumLineLength = 76
    private static let hexDigits = Array("0123456789ABCDEF".utf8)

    /// Encodes text whose line breaks are CRLF. The result ends in CRLF; a soft one where the text itself ends without.
    static func encode(_ text: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count + text.count / 8)
        var lineLength = 0
        var index = 0
        while index < text.count {
            if isLineBreak(text, at: index) {
                result += [.carriageReturn, .lineFeed]
                lineLength = 0
                index += 2
                continue
            }
            let item = encode(text[index], endsLine: index + 1 == text.count || isLineBreak(text, at: index + 1))
            if lineLength + item.count > maximumLineLength - 1 {
                result += softLineBreak
                lineLength = 0
            }
            result += item
            lineLength += item.count
            index += 1
        }
        if lineLength > 0 { result += softLineBreak }
        return result
    }

    private static let softLineBreak = Array("=\r\n".utf8)

    private static func isLineBreak(_ text: [UInt8], at index: Int) -> Bool {
        index + 1 < text.count && text[index] == .carriageReturn && text[index + 1] == .lineFeed
    }

    /// One octet as itself or as `=XX`; blanks at the end of a line would be lost on the way (rule 3).
    private static func encode(_ octet: UInt8, endsLine: Bool) -> [UInt8] {
        switch octet {
        case UInt8(ascii: "="): break
        case 0x21...0x7E: return [octet]
        case UInt8(ascii: " "), UInt8(ascii: "\t"): if !endsLine { return [octet] }
        default: break
        }
        return [UInt8(ascii: "="), hexDigits[Int(octet >> 4)], hexDigits[Int(octet & 0xF)]]
    }
}
