import Testing

@testable import SMTPMail

@Suite struct MailConfigurationTests {
    @Test(arguments: [
        ("localhost:2525", "localhost", 2525), ("mail.example.com", "mail.example.com", 25), ("127.0.0.1:1", "127.0.0.1", 1),
        ("[::1]:2525", "::1", 2525), ("[::1]", "::1", 25),
    ])
    func endpointsAreRead(text: String, host: String, port: Int) throws {
        let configuration = try MailConfiguration(endpoint: text, hostName: "h").validated()
        #expect(configuration.host == host && configuration.port == port)
        #expect(configuration.from == "nightshift@h" && configuration.helloName == "h")
    }

    @Test(arguments: ["", ":25", "host:", "host:x", "::1", "[::1", "[::1]x", "host:-1", "a b:25", "host:0", "host:65536", "smtp://host:25"])
    func otherTextsAreNotEndpoints(text: String) {
        #expect(throws: InvalidMailConfiguration.self) { try MailConfiguration(endpoint: text, hostName: "h").validated() }
    }

    @Test func everyProblemIsNamedAtOnce() {
        let configuration = MailConfiguration.fixture(port: 0) {
            $0.host = "a b"
            $0.from = "nobody"
            $0.helloName = "x\r\nQUIT"
            $0.encryption = .never
            $0.credentials = MailCredentials(username: "", password: "a\u{0}")
            $0.replyTimeout = .zero
        }
        let error = #expect(throws: InvalidMailConfiguration.self) { try configuration.validated() }
        #expect(error?.problems.count == 8)
    }

    @Test func thePasswordIsNotShown() {
        let configuration = MailConfiguration.fixture { $0.credentials = MailCredentials(username: "u", password: "secret") }
        #expect(!"\(configuration)".contains("secret"))
        #expect(!String(reflecting: configuration).contains("secret"))
    }

    @Test func certificatesAreCheckedWhereSomethingIsAtStake() {
        #expect(!MailConfiguration.fixture().checksCertificate)
        #expect(MailConfiguration.fixture { $0.encryption = .required }.checksCertificate)
        #expect(MailConfiguration.fixture { $0.encryption = .implicit }.checksCertificate)
        #expect(MailConfiguration.fixture { $0.credentials = MailCredentials(username: "u", password: "p") }.checksCertificate)
        #expect(!MailConfiguration.fixture { ($0.encryption, $0.certificateCheck) = (.required, .never) }.checksCertificate)
    }

    @Test func thisMachineHasAName() {
        #expect(HostName.isValid(HostName.ofThisMachine()))
    }
}
