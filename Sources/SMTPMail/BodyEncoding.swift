/// How a body's text becomes lines that every mail server on the way leaves alone (RFC 2045, section 6).
enum BodyEncoding: String, Sendable {
    case sevenBit = "7bit"
    case eightBit = "8bit"
    case quotedPrintable = "quoted-printable"
    case base64

    /// Longest line of a message (RFC 5322, section 2.1.1), without CRLF.
    private static let maximumLineLength = 998

    /// The plainest encoding that keeps the text exact: a short ASCII text stays readable in any mailbox file.
    static func choose(for text: String, allows8Bit: Bool) -> BodyEncoding {
        let facts = TextFacts(text)
        if facts.longestLine <= maximumLineLength, !facts.hasUnsafeOctets {
            if facts.nonASCII == 0 { return .sevenBit }
            if allows8Bit { return .eightBit }
        }
        // Quoted-printable writes three characters for each octet that is not printable, base64 four for each three octets.
        return facts.nonASCII * 6 <= facts.count ? .quotedPrintable : .base64
    }

    /// The text as lines that each end in CRLF; a last line break is added where the text has none and the encoding needs one.
    func encode(_ text: String) -> [UInt8] {
        let canonical = Self.withCanonicalLineBreaks(text)
        switch self {
        case .sevenBit, .eightBit:
            let endsLine = canonical.isEmpty || canonical.last == .lineFeed
            return endsLine ? canonical : canonical + [.carriageReturn, .lineFeed]
        case .quotedPrintable: return QuotedPrintable.encode(canonical)
        case .base64: return Base64Lines.encode(canonical)
        }
    }

    /// Text with CRLF for each LF or CRLF: the only line break that MIME text knows (RFC 2046, section 4.1.1).
    private static func withCanonicalLineBreaks(_ text: String) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.utf8.count + text.utf8.count / 32)
        for octet in text.utf8 {
            if octet == .lineFeed, result.last != .carriageReturn { result.append(.carriageReturn) }
            result.append(octet)
        }
        return result
    }
}

/// What decides about a text's encoding, gathered in one pass.
private struct TextFacts {
    var count = 0
    var nonASCII = 0
    var longestLine = 0
    /// Octets that must not stand in mail as they are: NUL, lone CR, other control characters but tab.
    var hasUnsafeOctets = false

    init(_ text: String) {
        var lineLength = 0
        var previous: UInt8 = 0
        for octet in text.utf8 {
            count += 1
            if previous == .carriageReturn, octet != .lineFeed { hasUnsafeOctets = true }
            switch octet {
            case .lineFeed:
                longestLine = max(longestLine, lineLength)
                lineLength = 0
            case .carriageReturn: break
            case 0x80...: (nonASCII, lineLength) = (nonASCII + 1, lineLength + 1)
            case 0x09, 0x20...0x7E: lineLength += 1
            default: (hasUnsafeOctets, lineLength) = (true, lineLength + 1)
            }
            previous = octet
        }
        if previous == .carriageReturn { hasUnsafeOctets = true }
        longestLine = max(longestLine, lineLength)
    }
}

extension UInt8 {
    static let carriageReturn = UInt8(ascii: "\r")
    static let lineFeed = UInt8(ascii: "\n")
}
