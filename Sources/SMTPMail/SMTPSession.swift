/// One mail's conversation with a mail server, as decisions alone: events in, actions out, no I/O.
///
/// The order is that of RFC 5321, section 3: greeting, EHLO (HELO for servers of old), STARTTLS and EHLO again, AUTH, MAIL FROM,
/// RCPT TO, DATA, content. Its owner carries out each action and reports what comes of it; after `.finish` only `.close` follows.
///
/// A refusal of the *session* (greeting, EHLO, STARTTLS, AUTH) is transient whatever its code: the mail is fit to be sent, and an
/// operator can mend the configuration while it waits. A refusal of the *mail* (MAIL, RCPT, DATA, content) is what its code says.
struct SMTPSession {
    enum Event: Sendable, Equatable {
        case reply(SMTPReply)
        case encryptionEstablished
        /// The connection is of no more use, for the reason given.
        case interrupted(String)
    }

    enum Action: Sendable, Equatable {
        /// A command line, without its CRLF. It may hold a password: never log it.
        case send(String)
        /// The mail itself, dot-stuffed and ended.
        case sendContent([UInt8])
        /// Begin a TLS handshake. Whatever the server sent in plain text after its reply must be refused.
        case startEncryption
        /// The outcome is known. With `farewell` QUIT is sent and its reply awaited for a moment, else the connection is closed.
        case finish(Result<MailReceipt, MailError>, farewell: Bool)
        case close
    }

    /// What is awaited.
    private enum State {
        case greeting
        case extendedHello
        case hello
        case encryptionReply
        case handshake
        case authentication(SMTPAuthentication, answered: Int)
        case senderReply(EncodedMail)
        case recipientReply(EncodedMail, index: Int)
        case dataReply(EncodedMail)
        case contentReply
        case closing
    }

    private let message: MailMessage
    private let configuration: MailConfiguration
    private var state = State.greeting
    private var capabilities = SMTPCapabilities()
    private var isEncrypted: Bool

    /// Begins with the wait for the server's greeting; with implicit encryption inside TLS.
    init(message: MailMessage, configuration: MailConfiguration) {
        self.message = message
        self.configuration = configuration
        isEncrypted = configuration.encryption == .implicit
    }

    /// Longest wait for the next event.
    var timeout: Duration {
        if case .contentReply = state { configuration.contentReplyTimeout } else { configuration.replyTimeout }
    }

    /// Takes the next event and says what to do.
    mutating func handle(_ event: Event) -> Action {
        switch event {
        case .reply(let reply): receive(reply)
        case .encryptionEstablished: encryptionEstablished()
        case .interrupted(let reason): interrupted(reason)
        }
    }

    // MARK: Replies

    private mutating func receive(_ reply: SMTPReply) -> Action {
        switch state {
        case .greeting:
            return reply.isPositive ? sayExtendedHello() : refuse(reply, "the server does not serve us", kind: .transient)
        case .extendedHello:
            return extendedHelloAnswered(reply)
        case .hello:
            guard reply.isPositive else { return refuse(reply, "the server refuses HELO", kind: .transient) }
            capabilities = SMTPCapabilities()
            return helloDone()
        case .encryptionReply:
            return encryptionAnswered(reply)
        case .handshake:
            return fail(.transient, "the server speaks plain text after agreeing to STARTTLS", farewell: false)
        case .authentication(let authentication, let answered):
            return authenticationAnswered(reply, authentication, answered: answered)
        case .senderReply(let mail):
            return reply.isPositive ? nameRecipient(0, of: mail) : refuse(reply, "the server refuses the sender \(message.from.mailbox)")
        case .recipientReply(let mail, let index):
            guard reply.isPositive else {
                return refuse(reply, "the server refuses the receiver \(message.to[index].mailbox)")
            }
            return nameRecipient(index + 1, of: mail)
        case .dataReply(let mail):
            guard reply.isIntermediate else { return refuse(reply, "the server refuses DATA") }
            state = .contentReply
            return .sendContent(SMTPContent.terminated(mail.content))
        case .contentReply:
            return contentAnswered(reply)
        case .closing:
            return .close
        }
    }

    /// 5xx means that the server does not know EHLO (RFC 5321, section 3.2).
    private mutating func extendedHelloAnswered(_ reply: SMTPReply) -> Action {
        if reply.isPositive {
            capabilities = SMTPCapabilities(helloLines: reply.lines)
            return helloDone()
        }
        guard reply.isPermanentRefusal else { return refuse(reply, "the server refuses EHLO", kind: .transient) }
        state = .hello
        return .send("HELO \(configuration.helloName)")
    }

    private mutating func encryptionAnswered(_ reply: SMTPReply) -> Action {
        if reply.isPositive {
            state = .handshake
            return .startEncryption
        }
        guard configuration.encryption == .opportunistic else {
            return refuse(reply, "the server refuses STARTTLS", kind: .transient)
        }
        return encryptionSettled()
    }

    private mutating func authenticationAnswered(
        _ reply: SMTPReply, _ authentication: SMTPAuthentication, answered: Int
    ) -> Action {
        if reply.isPositive { return nameSender() }
        guard reply.code == 334, answered < authentication.responses.count else {
            return refuse(reply, "the server refuses the log-in", kind: .transient)
        }
        state = .authentication(authentication, answered: answered + 1)
        return .send(authentication.responses[answered])
    }

    private mutating func contentAnswered(_ reply: SMTPReply) -> Action {
        if reply.isPositive {
            state = .closing
            return .finish(.success(MailReceipt(reply: reply, isEncrypted: isEncrypted)), farewell: true)
        }
        // A 3xx here has no meaning; the server may have the mail.
        return refuse(reply, "the server refuses the mail", kind: reply.isIntermediate ? .unknown : nil)
    }

    // MARK: Steps

    private mutating func sayExtendedHello() -> Action {
        state = .extendedHello
        return .send("EHLO \(configuration.helloName)")
    }

    /// What was said before the handshake could be forged: it is forgotten and asked again (RFC 3207, section 4.2).
    private mutating func encryptionEstablished() -> Action {
        guard case .handshake = state else { return .close }
        isEncrypted = true
        capabilities = SMTPCapabilities()
        return sayExtendedHello()
    }

    private mutating func helloDone() -> Action {
        if !isEncrypted, configuration.encryption != .never, capabilities.offersStartTLS {
            state = .encryptionReply
            return .send("STARTTLS")
        }
        return encryptionSettled()
    }

    private mutating func encryptionSettled() -> Action {
        if !isEncrypted, configuration.encryption == .required {
            return fail(.transient, "encryption is required and the server does not offer STARTTLS", at: .encryption)
        }
        guard let credentials = configuration.credentials else { return nameSender() }
        guard isEncrypted || configuration.allowsPlainTextPassword else {
            return fail(.transient, "the password is not sent without encryption", at: .authentication)
        }
        let offered = capabilities.authenticationMechanisms
        guard let authentication = SMTPAuthentication(credentials: credentials, offered: offered) else {
            return fail(.transient, "the server offers neither AUTH PLAIN nor AUTH LOGIN", at: .authentication)
        }
        state = .authentication(authentication, answered: 0)
        return .send("AUTH \(authentication.mechanism)")
    }

    private mutating func nameSender() -> Action {
        let mail = message.encoded(allows8Bit: capabilities.offers8BitMIME)
        if mail.needsUTF8, !capabilities.offersUTF8 {
            return fail(.permanent, "an address is not ASCII and the server does not offer SMTPUTF8", at: .sender)
        }
        if let maximum = capabilities.maximumSize, mail.content.count > maximum {
            let reason = "the mail has \(mail.content.count) octets, the server takes \(maximum)"
            return fail(.permanent, reason, at: .sender)
        }
        var command = "MAIL FROM:<\(message.from.mailbox)>"
        if capabilities.offersSize { command += " SIZE=\(mail.content.count)" }
        if mail.needs8BitMIME { command += " BODY=8BITMIME" }
        if mail.needsUTF8 { command += " SMTPUTF8" }
        state = .senderReply(mail)
        return .send(command)
    }

    private mutating func nameRecipient(_ index: Int, of mail: EncodedMail) -> Action {
        guard index < message.to.count else {
            state = .dataReply(mail)
            return .send("DATA")
        }
        state = .recipientReply(mail, index: index)
        return .send("RCPT TO:<\(message.to[index].mailbox)>")
    }

    // MARK: Failures

    /// The server said no. Without a `kind` its code decides.
    private mutating func refuse(_ reply: SMTPReply, _ reason: String, kind: MailError.Kind? = nil) -> Action {
        let kindByCode: MailError.Kind = reply.isPermanentRefusal && !reply.isAboutSession ? .permanent : .transient
        let error = MailError(kind ?? kindByCode, stage: stage, reason: reason, reply: reply)
        state = .closing
        return .finish(.failure(error), farewell: true)
    }

    private mutating func fail(
        _ kind: MailError.Kind, _ reason: String, at stage: MailError.Stage? = nil, farewell: Bool = true
    ) -> Action {
        let error = MailError(kind, stage: stage ?? self.stage, reason: reason)
        state = .closing
        return .finish(.failure(error), farewell: farewell)
    }

    /// Once the content is on its way the server may have taken it, although its reply never comes.
    private mutating func interrupted(_ reason: String) -> Action {
        switch state {
        case .closing: return .close
        case .contentReply: return fail(.unknown, reason, farewell: false)
        default: return fail(.transient, reason, farewell: false)
        }
    }

    private var stage: MailError.Stage {
        switch state {
        case .greeting: .greeting
        case .extendedHello, .hello: .hello
        case .encryptionReply, .handshake: .encryption
        case .authentication: .authentication
        case .senderReply: .sender
        case .recipientReply: .recipient
        case .dataReply: .data
        case .contentReply, .closing: .content
        }
    }
}
