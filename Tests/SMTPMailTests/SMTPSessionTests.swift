import Testing

@testable import SMTPMail

/// A conversation told from the server's side.
private struct Story {
    var session: SMTPSession
    private(set) var last: SMTPSession.Action?

    init(
        _ message: @autoclosure () throws -> MailMessage = try .fixture(), _ change: (inout MailConfiguration) -> Void = { _ in }
    ) throws {
        session = SMTPSession(message: try message(), configuration: .fixture(port: 25, change))
    }

    /// The server says this; the answer is what the session does.
    mutating func server(_ lines: String...) -> SMTPSession.Action {
        session.handle(.reply(SMTPReply(code: Int(lines[0].prefix(3)) ?? 0, lines: lines.map { String($0.dropFirst(4)) })))
    }

    /// Says greeting and EHLO's reply with the extensions given.
    mutating func greet(offering extensions: String...) -> SMTPSession.Action {
        _ = server("220 mail.example.com ready")
        return session.handle(.reply(SMTPReply(code: 250, lines: ["mail.example.com"] + extensions)))
    }

    /// Goes as far as the content.
    mutating func sendContent() {
        _ = greet()
        _ = server("250 sender")
        _ = server("250 receiver")
        _ = server("354 go on")
    }
}

extension SMTPSession.Action {
    fileprivate var error: MailError? {
        if case .finish(.failure(let error), _) = self { error } else { nil }
    }
}

@Suite struct SMTPSessionTests {
    @Test func aMailIsHandedOverAndTheServerThanked() throws {
        let message = try MailMessage.fixture(to: ["a@example.com", "b@example.com"], text: ".dot")
        let size = message.encoded(allows8Bit: false).content.count
        var story = try Story(message)
        #expect(story.server("220-mail.example.com", "220 ready") == .send("EHLO batch.example.com"))
        #expect(story.server("250-mail.example.com", "250 SIZE 1000000") == .send("MAIL FROM:<nightshift@example.com> SIZE=\(size)"))
        #expect(story.server("250 OK") == .send("RCPT TO:<a@example.com>"))
        #expect(story.server("250 OK") == .send("RCPT TO:<b@example.com>"))
        #expect(story.server("251 will forward") == .send("DATA"))
        guard case .sendContent(let content) = story.server("354 go on") else { return #expect(Bool(false)) }
        #expect(String(decoding: content, as: UTF8.self).hasSuffix("\r\n\r\n..dot\r\n.\r\n"))
        let receipt = MailReceipt(reply: .lines("250 queued as 7"), isEncrypted: false)
        #expect(story.server("250 queued as 7") == .finish(.success(receipt), farewell: true))
        #expect(story.server("221 bye") == .close)
    }

    @Test func aServerOfOldIsGreetedWithHELO() throws {
        var story = try Story()
        _ = story.server("220 ready")
        #expect(story.server("502 what?") == .send("HELO batch.example.com"))
        #expect(story.server("250 hello") == .send("MAIL FROM:<nightshift@example.com>"))
    }

    // MARK: Encryption

    @Test func encryptionIsTakenWhenOfferedAndEverythingAskedAgain() throws {
        var story = try Story()
        #expect(story.greet(offering: "STARTTLS", "SIZE 10") == .send("STARTTLS"))
        #expect(story.server("220 go ahead") == .startEncryption)
        #expect(story.session.handle(.encryptionEstablished) == .send("EHLO batch.example.com"))
        // What was offered in plain text (a tiny SIZE) is forgotten.
        #expect(story.server("250 mail.example.com") == .send("MAIL FROM:<nightshift@example.com>"))
        _ = story.server("250 OK")
        _ = story.server("250 OK")
        _ = story.server("354 go on")
        let receipt = MailReceipt(reply: .lines("250 OK"), isEncrypted: true)
        #expect(story.server("250 OK") == .finish(.success(receipt), farewell: true))
    }

    @Test func aSecondOfferOfEncryptionInsideTLSIsPassedOver() throws {
        var story = try Story()
        _ = story.greet(offering: "STARTTLS")
        _ = story.server("220 go ahead")
        _ = story.session.handle(.encryptionEstablished)
        #expect(story.server("250-mail.example.com", "250 STARTTLS") == .send("MAIL FROM:<nightshift@example.com>"))
    }

    @Test func opportunisticEncryptionDoesWithout() throws {
        var story = try Story()
        #expect(story.greet(offering: "STARTTLS") == .send("STARTTLS"))
        #expect(story.server("454 no TLS today") == .send("MAIL FROM:<nightshift@example.com>"))
    }

    @Test func requiredEncryptionWaitsForIt() throws {
        var story = try Story { $0.encryption = .required }
        let error = story.greet().error
        #expect(error?.kind == .transient && error?.stage == .encryption)

        var refused = try Story { $0.encryption = .required }
        _ = refused.greet(offering: "STARTTLS")
        #expect(refused.server("554 never").error?.kind == .transient)
    }

    @Test func encryptionCanBeSwitchedOff() throws {
        var story = try Story { $0.encryption = .never }
        #expect(story.greet(offering: "STARTTLS") == .send("MAIL FROM:<nightshift@example.com>"))
    }

    @Test func implicitEncryptionNeedsNoSTARTTLS() throws {
        var story = try Story {
            $0.encryption = .implicit
            $0.credentials = MailCredentials(username: "u", password: "p")
        }
        #expect(story.greet(offering: "STARTTLS", "AUTH PLAIN") == .send("AUTH PLAIN"))
    }

    @Test func aLostHandshakeIsAMatterOfEncryption() throws {
        var story = try Story()
        _ = story.greet(offering: "STARTTLS")
        _ = story.server("220 go ahead")
        let error = story.session.handle(.interrupted("handshake failed")).error
        #expect(error?.stage == .encryption && error?.kind == .transient)
    }

    // MARK: Authentication

    private static func withPassword(_ configuration: inout MailConfiguration) {
        configuration.credentials = MailCredentials(username: "user", password: "pässword")
        configuration.allowsPlainTextPassword = true
    }

    @Test func plainIsPreferred() throws {
        var story = try Story(.fixture(), Self.withPassword)
        #expect(story.greet(offering: "AUTH LOGIN PLAIN") == .send("AUTH PLAIN"))
        #expect(story.server("334 ") == .send("AHVzZXIAcMOkc3N3b3Jk"))
        #expect(story.server("235 welcome") == .send("MAIL FROM:<nightshift@example.com>"))
    }

    @Test func loginAnswersTwoChallenges() throws {
        var story = try Story(.fixture(), Self.withPassword)
        #expect(story.greet(offering: "AUTH=LOGIN") == .send("AUTH LOGIN"))
        #expect(story.server("334 VXNlcm5hbWU6") == .send("dXNlcg=="))
        #expect(story.server("334 UGFzc3dvcmQ6") == .send("cMOkc3N3b3Jk"))
        #expect(story.server("235 welcome") == .send("MAIL FROM:<nightshift@example.com>"))
    }

    @Test func aPasswordIsNotSentInPlainText() throws {
        var story = try Story { $0.credentials = MailCredentials(username: "u", password: "p") }
        let error = story.greet(offering: "AUTH PLAIN").error
        #expect(error?.kind == .transient && error?.stage == .authentication)
    }

    @Test func aWrongPasswordKeepsTheMailWaiting() throws {
        var story = try Story(.fixture(), Self.withPassword)
        _ = story.greet(offering: "AUTH PLAIN")
        _ = story.server("334 ")
        let error = story.server("535 5.7.8 wrong").error
        #expect(error?.kind == .transient && error?.reply?.code == 535)
    }

    @Test func endlessChallengesEndTheLogIn() throws {
        var story = try Story(.fixture(), Self.withPassword)
        _ = story.greet(offering: "AUTH PLAIN")
        _ = story.server("334 ")
        #expect(story.server("334 more").error?.stage == .authentication)
    }

    @Test func aServerWithoutOurMechanismsKeepsTheMailWaiting() throws {
        var story = try Story(.fixture(), Self.withPassword)
        #expect(story.greet(offering: "AUTH GSSAPI").error?.kind == .transient)
    }

    // MARK: What the server can do

    @Test func eightBitTextIsAnnounced() throws {
        var story = try Story(.fixture(text: "ü"))
        #expect(story.greet(offering: "8BITMIME") == .send("MAIL FROM:<nightshift@example.com> BODY=8BITMIME"))
    }

    @Test func internationalAddressesAreAnnounced() throws {
        var story = try Story(.fixture(to: ["é@example.com"]))
        #expect(story.greet(offering: "SMTPUTF8") == .send("MAIL FROM:<nightshift@example.com> SMTPUTF8"))
        var old = try Story(.fixture(to: ["é@example.com"]))
        #expect(old.greet().error?.kind == .permanent)
    }

    @Test func aMailThatIsTooLargeIsNotSent() throws {
        var story = try Story()
        #expect(story.greet(offering: "SIZE 100").error?.kind == .permanent)
        var unlimited = try Story()
        #expect(unlimited.greet(offering: "SIZE 0").error == nil)
    }

    // MARK: Refusals

    @Test(arguments: [
        ("451 later", MailError.Kind.transient), ("421 closing", .transient), ("550 no such user", .permanent),
        ("530 5.7.0 authentication required", .transient),
    ])
    func theCodeSaysWhetherToTryAgain(reply: String, kind: MailError.Kind) throws {
        var sender = try Story()
        _ = sender.greet()
        #expect(sender.server(reply).error?.kind == kind)

        var receiver = try Story()
        _ = receiver.greet()
        _ = receiver.server("250 OK")
        let error = receiver.server(reply).error
        #expect(error?.kind == kind && error?.stage == .recipient)

        var data = try Story()
        _ = data.greet()
        _ = data.server("250 OK")
        _ = data.server("250 OK")
        #expect(data.server(reply).error?.kind == kind)

        var content = try Story()
        content.sendContent()
        #expect(content.server(reply).error?.kind == kind)
    }

    @Test(arguments: ["421 busy", "554 no service"])
    func aServerThatDoesNotServeUsKeepsTheMailWaiting(reply: String) throws {
        var story = try Story()
        #expect(story.server(reply).error?.kind == .transient)
    }

    @Test func aRefusedMailIsFollowedByAFarewell() throws {
        var story = try Story()
        _ = story.greet()
        guard case .finish(_, farewell: true) = story.server("550 no") else { return #expect(Bool(false)) }
        #expect(story.server("221 bye") == .close)
    }

    // MARK: Lost connections

    @Test func aConnectionLostBeforeTheContentCostsNothing() throws {
        var story = try Story()
        _ = story.greet()
        _ = story.server("250 OK")
        _ = story.server("250 OK")
        #expect(story.session.handle(.interrupted("gone")).error?.kind == .transient)
        #expect(story.session.handle(.interrupted("gone again")) == .close)
    }

    @Test func aConnectionLostAfterTheContentLeavesTheOutcomeUnknown() throws {
        var story = try Story()
        story.sendContent()
        let action = story.session.handle(.interrupted("gone"))
        #expect(action.error?.kind == .unknown)
        #expect(action == .finish(.failure(MailError(.unknown, stage: .content, reason: "gone")), farewell: false))
    }

    @Test func theServerHasLongerForTheContent() throws {
        var story = try Story()
        #expect(story.session.timeout == .seconds(300))
        story.sendContent()
        #expect(story.session.timeout == .seconds(600))
    }
}
