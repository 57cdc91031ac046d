/// A mailbox, with the name to show beside it if there is one: `Night Shift <nightshift@example.com>` (RFC 5322, section 3.4).
///
/// A value of this type holds neither line breaks nor other control characters, so it cannot inject a header or a command.
package struct MailAddress: Sendable, Hashable, CustomStringConvertible {
    /// The name to show, as text (not encoded); empty when there is none.
    package let displayName: String
    /// `local-part@domain`, as it stands in `RCPT TO:<…>`.
    package let mailbox: String

    /// Longest mailbox: a path is at most 256 octets with its angle brackets (RFC 5321, section 4.5.3.1.3).
    static let maximumMailboxLength = 254

    /// Reads `user@host` or `Name <user@host>`.
    ///
    /// Throws a permanent `MailError` when the text is neither. The check is of syntax alone: quoted local parts
    /// (`"a b"@host`) and address literals (`a@[192.0.2.1]`) are legal, source routes and comments are not.
    package init(_ text: String) throws(MailError) {
        guard !text.unicodeScalars.contains(where: \.isControl) else {
            throw .composition("a mail address holds control characters")
        }
        let (name, mailbox) = Self.split(text)
        guard Self.isMailbox(mailbox) else {
            throw .composition("'\(text.prefix(80))' is not a mail address")
        }
        self.displayName = name
        self.mailbox = mailbox
    }

    /// Whether the mailbox needs the SMTPUTF8 extension (RFC 6531). The display name does not: it is encoded.
    package var needsUTF8: Bool { !mailbox.utf8.allSatisfy { $0 < 0x80 } }

    package var description: String { displayName.isEmpty ? mailbox : "\(displayName) <\(mailbox)>" }

    /// Separates the display name, without its quotes, from the mailbox.
    private static func split(_ text: String) -> (name: String, mailbox: String) {
        let trimmed = text.trimmingSpaces()
        guard trimmed.hasSuffix(">"), let open = trimmed.lastIndex(of: "<") else { return ("", trimmed) }
        let mailbox = trimmed[trimmed.index(after: open)...].dropLast()
        var name = String(trimmed[..<open]).trimmingSpaces()
        if name.count >= 2, name.hasPrefix("\""), name.hasSuffix("\"") {
            name = unquoted(name.dropFirst().dropLast())
        }
        return (name, String(mailbox))
    }

    /// Removes the backslashes of quoted pairs (RFC 5322, section 3.2.1).
    private static func unquoted(_ text: Substring) -> String {
        var result = ""
        var isEscaped = false
        for character in text {
            if character == "\\", !isEscaped {
                isEscaped = true
            } else {
                result.append(character)
                isEscaped = false
            }
        }
        return result
    }

    private static func isMailbox(_ text: String) -> Bool {
        guard text.utf8.count <= maximumMailboxLength, let at = text.lastIndex(of: "@") else { return false }
        return isLocalPart(text[..<at]) && isDomain(text[text.index(after: at)...])
    }

    /// A dot-atom or a quoted string (RFC 5321, section 4.1.2), with non-ASCII characters as RFC 6531 allows them.
    private static func isLocalPart(_ text: Substring) -> Bool {
        guard (1...64).contains(text.utf8.count) else { return false }
        if text.count >= 3, text.hasPrefix("\""), text.hasSuffix("\"") {
            // Angle brackets are legal inside quotes, but too many parsers stumble over them.
            return !text.dropFirst().dropLast().unicodeScalars.contains { "\"\\<>".unicodeScalars.contains($0) }
        }
        return !text.hasPrefix(".") && !text.hasSuffix(".") && !text.contains("..")
            && text.unicodeScalars.allSatisfy { $0 == "." || $0.isAtomText }
    }

    /// A host name or a bracketed address literal.
    private static func isDomain(_ text: Substring) -> Bool {
        if text.hasPrefix("["), text.hasSuffix("]") {
            return text.count > 2 && text.dropFirst().dropLast().utf8.allSatisfy { $0.isAddressLiteralText }
        }
        return HostName.isValid(text)
    }
}

extension Unicode.Scalar {
    /// C0, DEL and C1 control characters.
    var isControl: Bool { value < 0x20 || (0x7F...0x9F).contains(value) }

    /// `atext` of RFC 5322, section 3.2.3, extended by RFC 6532 with everything outside ASCII.
    var isAtomText: Bool {
        guard isASCII else { return !isControl && !properties.isWhitespace }
        switch self {
        case "a"..."z", "A"..."Z", "0"..."9": return true
        default: return "!#$%&'*+-/=?^_`{|}~".unicodeScalars.contains(self)
        }
    }
}

extension UInt8 {
    /// A character of an IPv4 or IPv6 address literal, or of its `IPv6:` tag.
    fileprivate var isAddressLiteralText: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "."), UInt8(ascii: ":"):
            return true
        default: return false
        }
    }
}

extension StringProtocol {
    /// The text without spaces and tabs at its two ends.
    func trimmingSpaces() -> String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        guard let first = firstIndex(where: { !isSpace($0) }), let last = lastIndex(where: { !isSpace($0) }) else { return "" }
        return String(self[first...last])
    }
}
