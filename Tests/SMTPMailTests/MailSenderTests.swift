import NIOPosix
import Testing

@testable import SMTPMail

@Suite struct MailSenderTests {
    private typealias Step = ScriptedMailServer.Step

    /// From the greeting to the content's reply.
    private static func conversation(offering extensions: String = "", contentReply: String = "250 queued") -> [Step] {
        [.say("220 ready"), hello(offering: extensions)] + handover(contentReply: contentReply)
    }

    private static func hello(offering extensions: String = "") -> Step {
        .hear("EHLO", say: extensions.isEmpty ? "250 hello" : "250-hello\r\n250 \(extensions)")
    }

    private static func handover(contentReply: String = "250 queued") -> [Step] {
        [
            .hear("MAIL FROM:<nightshift@example.com>", say: "250 OK"), .hear("RCPT TO:<support@example.com>", say: "250 OK"),
            .hear("DATA", say: "354 go on"), .content(say: contentReply),
        ]
    }

    private static func sender(_ server: ScriptedMailServer, _ change: (inout MailConfiguration) -> Void = { _ in }) throws -> MailSender {
        let configuration = MailConfiguration.fixture(port: server.port, change)
        return try MailSender(configuration: configuration, eventLoopGroup: MultiThreadedEventLoopGroup.singleton)
    }

    private static func failure(of sender: MailSender) async throws -> MailError? {
        let message = try MailMessage.fixture()
        do {
            try await sender.send(message)
            return nil
        } catch {
            return error
        }
    }

    @Test func theServerReceivesTheMail() async throws {
        try await ScriptedMailServer.serve(Self.conversation()) { server in
            let receipt = try await Self.sender(server).send(.fixture(subject: "Attention Required !", text: ".a\nb"))
            #expect(receipt == MailReceipt(reply: .lines("250 queued"), isEncrypted: false))
            #expect(server.heard.contains("Subject: Attention Required !"))
            #expect(server.heard.drop { !$0.isEmpty }.prefix(4) == ["", "..a", "b", "."])
        }
    }

    @Test func aLargeMailArrivesWhole() async throws {
        let lines = (0..<20_000).map { "line \($0) of the log" }
        try await ScriptedMailServer.serve(Self.conversation()) { server in
            try await Self.sender(server).send(.fixture(text: lines.joined(separator: "\n")))
            #expect(server.heard.filter { $0.hasPrefix("line ") } == lines)
        }
    }

    @Test(arguments: ["421 later", "550 never"])
    func aRefusalIsReported(reply: String) async throws {
        try await ScriptedMailServer.serve(Self.conversation(contentReply: reply)) { server in
            let error = try await Self.failure(of: Self.sender(server))
            #expect(error?.kind == (reply.hasPrefix("4") ? .transient : .permanent))
            #expect(error?.stage == .content)
        }
    }

    @Test func anAbsentServerIsTransient() async throws {
        var port = 0
        try await ScriptedMailServer.serve([]) { port = $0.port }
        let sender = try MailSender(
            configuration: .fixture(port: port), eventLoopGroup: MultiThreadedEventLoopGroup.singleton)
        let error = try await Self.failure(of: sender)
        #expect(error?.kind == .transient && error?.stage == .connection)
    }

    @Test func aServerThatHangsUpIsTransient() async throws {
        try await ScriptedMailServer.serve([.say("220 ready"), .hear("EHLO", say: ""), .hangUp]) { server in
            let error = try await Self.failure(of: Self.sender(server))
            #expect(error?.kind == .transient && error?.stage == .hello)
        }
    }

    @Test func aServerThatHangsUpAfterTheContentLeavesTheOutcomeUnknown() async throws {
        try await ScriptedMailServer.serve(Self.conversation(contentReply: "") + [.hangUp]) { server in
            let error = try await Self.failure(of: Self.sender(server))
            #expect(error?.kind == .unknown)
        }
    }

    @Test func aSilentServerIsNotAwaitedForEver() async throws {
        try await ScriptedMailServer.serve([.silence]) { server in
            let sender = try Self.sender(server) { $0.replyTimeout = .milliseconds(20) }
            let error = try await Self.failure(of: sender)
            #expect(error?.kind == .transient && error?.stage == .greeting)
        }
    }

    @Test func silenceAfterTheContentLeavesTheOutcomeUnknown() async throws {
        try await ScriptedMailServer.serve(Self.conversation(contentReply: "") + [.silence]) { server in
            let sender = try Self.sender(server) { $0.contentReplyTimeout = .milliseconds(20) }
            #expect(try await Self.failure(of: sender)?.kind == .unknown)
        }
    }

    @Test func anotherProtocolIsTransient() async throws {
        try await ScriptedMailServer.serve([.say("HTTP/1.1 400 Bad Request")]) { server in
            let error = try await Self.failure(of: Self.sender(server))
            #expect(error?.kind == .transient && error?.reason.contains("does not speak SMTP") == true)
        }
    }

    @Test func cancellingClosesTheConnection() async throws {
        try await ScriptedMailServer.serve([.say("220 ready"), .silence]) { server in
            let sender = try Self.sender(server)
            let sending = Task { try await Self.failure(of: sender) }
            sending.cancel()
            #expect(try await sending.value?.kind == .transient)
        }
    }

    // MARK: Encryption

    private static let encrypted: [Step] = [.say("220 ready"), hello(offering: "STARTTLS"), .startTLS(), hello()] + handover()

    @Test func opportunisticEncryptionTakesAnyCertificate() async throws {
        try await ScriptedMailServer.serve(Self.encrypted) { server in
            let receipt = try await Self.sender(server).send(.fixture())
            #expect(receipt.isEncrypted)
        }
    }

    @Test func requiredEncryptionRefusesAnUnknownCertificate() async throws {
        try await ScriptedMailServer.serve(Self.encrypted, Self.conversation()) { server in
            let error = try await Self.failure(of: Self.sender(server) { $0.encryption = .required })
            #expect(error?.kind == .transient && error?.stage == .encryption)
            #expect(server.connectionCount == 1)
        }
    }

    @Test func aCertificateOfATrustedAuthorityIsTaken() async throws {
        try await TemporaryFile.with(TestCertificate.certificate) { file in
            try await ScriptedMailServer.serve(Self.encrypted) { server in
                let sender = try Self.sender(server) { ($0.encryption, $0.trustRootsFile) = (.required, file) }
                #expect(try await sender.send(.fixture()).isEncrypted)
            }
        }
    }

    @Test func implicitEncryptionBeginsAtOnce() async throws {
        try await ScriptedMailServer.serve([.implicitTLS] + Self.conversation()) { server in
            let sender = try Self.sender(server) { ($0.encryption, $0.certificateCheck) = (.implicit, .never) }
            #expect(try await sender.send(.fixture()).isEncrypted)
        }
    }

    @Test func aBrokenHandshakeFallsBackToPlainText() async throws {
        let broken: [Step] = [.say("220 ready"), Self.hello(offering: "STARTTLS"), .startTLS(broken: true)]
        try await ScriptedMailServer.serve(broken, Self.conversation(offering: "STARTTLS")) { server in
            let receipt = try await Self.sender(server).send(.fixture())
            #expect(!receipt.isEncrypted && server.connectionCount == 2)
        }
    }

    @Test func withAPasswordABrokenHandshakeDoesNotFallBack() async throws {
        let broken: [Step] = [.say("220 ready"), Self.hello(offering: "STARTTLS"), .startTLS(broken: true)]
        try await ScriptedMailServer.serve(broken, Self.conversation()) { server in
            let sender = try Self.sender(server) { $0.credentials = MailCredentials(username: "u", password: "p") }
            #expect(try await Self.failure(of: sender)?.stage == .encryption)
            #expect(server.connectionCount == 1)
        }
    }

    @Test func wordsSmuggledBehindSTARTTLSAreRefused() async throws {
        let smuggled: [Step] = [
            .say("220 ready"), Self.hello(offering: "STARTTLS"), .hear("STARTTLS", say: "220 go ahead\r\n250 forged"), .silence,
        ]
        try await ScriptedMailServer.serve(smuggled) { server in
            let error = try await Self.failure(of: Self.sender(server) { $0.encryption = .required })
            #expect(error?.stage == .encryption && error?.reason.contains("more than its reply") == true)
        }
    }

    @Test func thePasswordTravelsInsideTLS() async throws {
        let script: [Step] =
            [.say("220 ready"), Self.hello(offering: "STARTTLS"), .startTLS(), Self.hello(offering: "AUTH LOGIN PLAIN")]
            + [.hear("AUTH PLAIN", say: "334 "), .hear("AHUAcA==", say: "235 welcome")] + Self.handover()
        try await ScriptedMailServer.serve(script) { server in
            let sender = try Self.sender(server) {
                $0.credentials = MailCredentials(username: "u", password: "p")
                $0.certificateCheck = .never
            }
            #expect(try await sender.send(.fixture()).isEncrypted)
        }
    }

    @Test func unreadableAuthoritiesAreReportedAtOnce() {
        let configuration = MailConfiguration.fixture { ($0.encryption, $0.trustRootsFile) = (.required, "/nonexistent.pem") }
        #expect(throws: InvalidMailConfiguration.self) {
            try MailSender(configuration: configuration, eventLoopGroup: MultiThreadedEventLoopGroup.singleton)
        }
    }
}
