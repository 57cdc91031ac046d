/// A mail as its sender thinks of it: addresses, subject and plain text.
///
/// Headers cannot be injected: every value is checked for line breaks and other control characters when the message is made.
package struct MailMessage: Sendable, Equatable {
    package let id: MailMessageID
    package let from: MailAddress
    /// One at least; the mail is handed over for all of them or for none.
    package let to: [MailAddress]
    /// The subject, unaltered; see `HeaderText` for how it travels.
    package let subject: String
    /// When the mail was written, in milliseconds since 1970 UTC.
    package let writtenAt: Int64
    /// The text. Line breaks (LF or CRLF) become the CRLF of mail; every other character arrives as it stands here.
    package let text: String
    /// Where the receiver can end the subscription (RFC 2369), an `https:`, `http:` or `mailto:` address.
    package let unsubscribeURL: String?

    /// Longest `unsubscribeURL`: it cannot be folded, and a line has 998 octets at most (RFC 5322, section 2.1.1).
    static let maximumURLLength = 900

    /// Throws a permanent `MailError` when there is no receiver or a header value holds control characters.
    package init(
        id: MailMessageID, from: MailAddress, to: [MailAddress], subject: String, writtenAt: Int64, text: String,
        unsubscribeURL: String? = nil
    ) throws(MailError) {
        guard !to.isEmpty else { throw .composition("the mail has no receiver") }
        guard !subject.unicodeScalars.contains(where: { $0.isControl && $0 != "\t" }) else {
            throw .composition("the subject holds line breaks or other control characters")
        }
        if let unsubscribeURL {
            guard Self.isHeaderURL(unsubscribeURL) else {
                throw .composition("the unsubscribe address is not a plain http, https or mailto URL")
            }
        }
        self.id = id
        self.from = from
        self.to = to
        self.subject = subject
        self.writtenAt = writtenAt
        self.text = text
        self.unsubscribeURL = unsubscribeURL
    }

    /// Whether the URL may stand between angle brackets in a header.
    private static func isHeaderURL(_ url: String) -> Bool {
        ["https://", "http://", "mailto:"].contains { url.hasPrefix($0) }
            && url.utf8.count <= maximumURLLength
            && url.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: ">") }
    }
}
