/// A mail server's reply: one code, one or more lines of text (RFC 5321, section 4.2).
package struct SMTPReply: Sendable, Equatable, CustomStringConvertible {
    /// Three digits, 200 to 599.
    package let code: Int
    /// The text of each line, without code and line break.
    package let lines: [String]

    package init(code: Int, lines: [String]) {
        self.code = code
        self.lines = lines
    }

    /// 2xx: done.
    var isPositive: Bool { code / 100 == 2 }
    /// 3xx: go on with the next part.
    var isIntermediate: Bool { code / 100 == 3 }
    /// 5xx: do not repeat the command as it is.
    var isPermanentRefusal: Bool { code / 100 == 5 }

    /// Whether a refusal is about the session (encryption or authentication missing or refused: RFC 4954, section 6, and RFC 3207,
    /// section 4), which an operator mends by configuration, and not about the mail.
    var isAboutSession: Bool { [530, 534, 535, 538].contains(code) }

    /// Code and text on one line, made safe for logs.
    package var description: String {
        let text = lines.joined(separator: " / ").unicodeScalars.map { $0.isControl ? "?" : String($0) }.joined()
        return "\(code) \(text.prefix(400))"
    }
}
