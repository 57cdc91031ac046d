/// The mail server's acceptance: from here on the mail is its responsibility (RFC 5321, section 4.2.5).
package struct MailReceipt: Sendable, Equatable {
    /// The reply to the content, whose text often holds the server's queue id.
    package let reply: SMTPReply
    /// Whether the mail travelled over TLS.
    package let isEncrypted: Bool

    package init(reply: SMTPReply, isEncrypted: Bool) {
        self.reply = reply
        self.isEncrypted = isEncrypted
    }
}
