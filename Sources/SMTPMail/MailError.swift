/// Why a mail was not accepted by the mail server, and what its sender should do about it.
///
/// `reason` names hosts, stages and reply codes; it never holds the mail's text or a password.
package struct MailError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What the failure means for the mail.
    package enum Kind: String, Sendable {
        /// The mail was certainly not accepted; the same mail may be accepted later (4xx replies, network, timeouts, and
        /// whatever an operator can mend, such as a wrong password).
        case transient
        /// The mail was certainly not accepted and never will be as it stands (5xx replies about the mail itself).
        case permanent
        /// The mail was sent but the connection ended before the reply: the server may have it. Send it again with the same
        /// Message-ID, by which receivers recognise a second copy.
        case unknown
    }

    /// The part of the conversation (RFC 5321, section 3) in which the failure came.
    package enum Stage: String, Sendable {
        case composition
        case connection
        case greeting
        case hello
        case encryption
        case authentication
        case sender
        case recipient
        case data
        case content
    }

    package let kind: Kind
    package let stage: Stage
    /// One line for operators.
    package let reason: String
    /// The server's reply, when a reply was the cause.
    package let reply: SMTPReply?

    package init(_ kind: Kind, stage: Stage, reason: String, reply: SMTPReply? = nil) {
        self.kind = kind
        self.stage = stage
        self.reason = reason
        self.reply = reply
    }

    package var description: String {
        var text = "\(kind.rawValue) mail failure (\(stage.rawValue)): \(reason)"
        if let reply { text += ": \(reply)" }
        return text
    }

    /// The failure of a mail that cannot be composed; sending it again cannot help.
    static func composition(_ reason: String) -> MailError {
        MailError(.permanent, stage: .composition, reason: reason)
    }
}
