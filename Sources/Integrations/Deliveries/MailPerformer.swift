package import Engine
package import SMTPMail
package import Store
package import TimeSource

/// Delivers mails by SMTP.
///
/// A mail is attempted until the mail server answers, for four and a half days; a server that is absent, refuses for now or refuses the
/// log-in is an outage and costs no mail. A refusal for good ends the delivery. Mails are of the deduplicated class: each attempt has
/// the same Message-ID, made of the delivery's id.
package struct MailPerformer: DeliveryPerformer {
    /// Hands a mail to the mail server and returns when that has taken it.
    package typealias Send = @Sendable (MailMessage) async throws(MailError) -> Void

    /// `mail`.
    package let kind = MailDelivery.kind
    /// Receivers know a mail by its Message-ID.
    package let effectClass = EffectClass.deduplicated
    /// Mail servers bound the connections of one client, mostly to ten or twenty.
    package let concurrency = 10

    private let send: Send?
    private let from: String
    private let domain: String

    /// Sends mails by a sender, as its configuration says from whom.
    package init(sender: MailSender, configuration: MailConfiguration) {
        self.init(
            send: { @Sendable message async throws(MailError) in _ = try await sender.send(message) },
            from: configuration.from, domain: configuration.helloName)
    }

    /// No mail server is configured: mails wait for one.
    package init() {
        self.init(send: nil, from: "nightshift@localhost", domain: "localhost")
    }

    /// Sends mails by a function; for tests.
    package init(send: Send?, from: String, domain: String) {
        self.send = send
        self.from = from
        self.domain = domain
    }

    package func perform(_ delivery: DeliveryRecord, now: Timestamp) async -> DeliveryOutcome {
        guard let mail = MailDelivery(encoded: delivery.body) else { return .failed(reason: "The stored mail cannot be read.") }
        do throws(MailError) {
            let message = try message(mail, id: delivery.id)
            guard let send else {
                throw MailError(.transient, stage: .connection, reason: "no mail server is configured (--smtp)")
            }
            try await send(message)
            return .delivered
        } catch {
            let delay = RetryPolicy.mail.delay(afterAttempts: delivery.attempts + 1, age: now - delivery.createdAt)
            guard error.kind != .permanent, let delay else { return .failed(reason: "\(error)") }
            return .tryAgain(after: delay, reason: "\(error)")
        }
    }

    private func message(_ mail: MailDelivery, id: String) throws(MailError) -> MailMessage {
        try MailMessage(
            id: MailMessageID(token: id, domain: domain), from: sender(named: mail.senderName), to: [MailAddress(mail.to)],
            subject: mail.subject, writtenAt: mail.writtenAt.milliseconds, text: mail.text, unsubscribeURL: mail.unsubscribeURL)
    }

    /// The configured sender, under the topic's name when that has one.
    private func sender(named name: String?) throws(MailError) -> MailAddress {
        let address = try MailAddress(from)
        guard let name, !name.isEmpty else { return address }
        let quoted = name.map { "\"\\".contains($0) ? "\\\($0)" : String($0) }.joined()
        return try MailAddress("\"\(quoted)\" <\(address.mailbox)>")
    }
}
