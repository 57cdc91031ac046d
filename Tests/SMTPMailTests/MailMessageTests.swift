import Testing

@testable import SMTPMail

@Suite struct MailMessageTests {
    @Test func aPlainMailReadsLikeOne() throws {
        let mail = try MailMessage.fixture(subject: "Attention Required ! Batch Job Failure", text: "line 1\nline 2\n")
        #expect(
            mail.text() == """
                Date: Thu, 20 Nov 2025 23:40:00 +0000\r
                From: nightshift@example.com\r
                To: support@example.com\r
                Subject: Attention Required ! Batch Job Failure\r
                Message-ID: <1@example.com>\r
                MIME-Version: 1.0\r
                Content-Type: text/plain; charset=UTF-8\r
                Content-Transfer-Encoding: 7bit\r
                Auto-Submitted: auto-generated\r
                \r
                line 1\r
                line 2\r

                """)
    }

    @Test(arguments: [
        "a", "Attention Required ! Batch Job Failure", "two  blanks", "tab\there", String(repeating: "long subject ", count: 50) + "end",
    ])
    func aPlainSubjectIsWrittenAsItIs(subject: String) throws {
        #expect(try MailMessage.fixture(subject: subject).text().contains("\r\nSubject: \(subject)\r\n"))
    }

    @Test(arguments: [
        ("Zürich", "=?UTF-8?B?WsO8cmljaA==?="),
        (" leading", "=?UTF-8?B?IGxlYWRpbmc=?="),
        ("=?UTF-8?Q?no?=", "=?UTF-8?B?PT9VVEYtOD9RP25vPz0=?="),
    ])
    func aSubjectThatReadersWouldAlterIsEncoded(subject: String, expected: String) throws {
        #expect(try MailMessage.fixture(subject: subject).header("Subject") == expected)
    }

    @Test func encodedWordsKeepCharactersWholeAndLinesShort() throws {
        let text = try MailMessage.fixture(subject: String(repeating: "夜間バッチ🌙", count: 12)).text()
        let lines = text.split(separator: "\r\n").filter { $0.contains("=?UTF-8?B?") }
        #expect(lines.count > 3)
        #expect(lines.allSatisfy { $0.utf8.count <= 76 })
    }

    @Test(arguments: ["a\r\nBcc: x@example.com", "a\nb", "a\rb", "a\u{0}b", "a\u{7F}"])
    func aSubjectCannotInjectAHeader(subject: String) {
        #expect(throws: MailError.self) { try MailMessage.fixture(subject: subject) }
    }

    @Test(arguments: ["https://a/\r\nX: y", "https://a/ b", "https://a/>", "ftp://a/", "https://\(String(repeating: "a", count: 900))"])
    func anUnsubscribeAddressCannotInjectAHeader(url: String) {
        #expect(throws: MailError.self) { try MailMessage.fixture(unsubscribeURL: url) }
    }

    @Test func theUnsubscribeAddressStandsInItsHeader() throws {
        let url = "http://127.0.0.1:7070/?Action=Unsubscribe&SubscriptionArn=arn:aws:sns:us-east-1:000000000000:t:1"
        #expect(try MailMessage.fixture(unsubscribeURL: url).header("List-Unsubscribe") == "<\(url)>")
    }

    @Test func aMessageIDHoldsOnlyAtoms() throws {
        #expect(try MailMessageID(token: "0199-ab.c", domain: "example.com").rawValue == "<0199-ab.c@example.com>")
        #expect(throws: MailError.self) { try MailMessageID(token: "a b", domain: "example.com") }
        #expect(throws: MailError.self) { try MailMessageID(token: "a", domain: "x>\r\nBcc: y") }
        #expect(throws: MailError.self) { try MailMessageID(token: "", domain: "x") }
    }

    @Test func aMailNeedsAReceiver() {
        #expect(throws: MailError.self) { try MailMessage.fixture(to: []) }
    }

    @Test func manyReceiversAreFolded() throws {
        let to = (1...20).map { "receiver\($0)@example.com" }
        let mail = try MailMessage.fixture(to: to)
        #expect(mail.header("To") == to.joined(separator: ", "))
        #expect(mail.text().split(separator: "\r\n").allSatisfy { $0.utf8.count <= 78 })
    }

    @Test(arguments: [
        ("Night Shift <a@b.example>", "Night Shift <a@b.example>"),
        ("\"Shift, Night \\\"Q\\\"\" <a@b.example>", "\"Shift, Night \\\"Q\\\"\" <a@b.example>"),
        ("Zürich <a@b.example>", "=?UTF-8?B?WsO8cmljaA==?= <a@b.example>"),
        ("<a@b.example>", "a@b.example"),
        ("  a@b.example ", "a@b.example"),
    ])
    func displayNamesAreWrittenSafely(address: String, header: String) throws {
        #expect(try MailMessage.fixture(from: address).header("From") == header)
    }

    @Test(arguments: [
        "a@b", "first.last+tag@sub.example.com", "\"a b\"@example.com", "a@[192.0.2.1]", "a@[IPv6:::1]", "é@example.com", "a@bücher.example",
        "nightshift@build_7",
    ])
    func mailAddressesAreTaken(address: String) throws {
        #expect(try MailAddress(address).mailbox == address)
    }

    @Test(arguments: [
        "", "a", "@b", "a@", "a b@c", "a@b c", "a..b@c", ".a@c", "a@-b", "a@b..c", "a@b\r\nRCPT TO:<x@y>", "a@b> <c@d", "<a@b", "a>@b",
        "\"a\"b\"@c", String(repeating: "a", count: 65) + "@b", "a@\(String(repeating: "b", count: 260))",
    ])
    func otherTextsAreNotAddresses(address: String) {
        #expect(throws: MailError.self) { try MailAddress(address) }
    }

    @Test(arguments: [
        (0, "Thu, 1 Jan 1970 00:00:00 +0000"), (-1, "Wed, 31 Dec 1969 23:59:59 +0000"),
        (951_782_400_000, "Tue, 29 Feb 2000 00:00:00 +0000"), (1_763_682_000_999, "Thu, 20 Nov 2025 23:40:00 +0000"),
        (4_107_542_399_000, "Sun, 28 Feb 2100 23:59:59 +0000"), (4_107_542_400_000, "Mon, 1 Mar 2100 00:00:00 +0000"),
    ] as [(Int64, String)])
    func datesAreWrittenAsRFC5322Asks(milliseconds: Int64, expected: String) {
        #expect(MailDate.text(forMilliseconds: milliseconds) == expected)
    }
}
