import Testing

@testable import SMTPMail

@Suite struct SMTPReplyParserTests {
    private static let text = "220-a\r\n220 b\r\n250\r\n250-x\n250 y\r\n550 5.1.1 nö\r\n"
    private static let replies: [SMTPReply] = [
        .lines("220 a", "220 b"), SMTPReply(code: 250, lines: [""]), .lines("250 x", "250 y"), .lines("550 5.1.1 nö"),
    ]

    @Test(arguments: 1...12)
    func repliesAreFoundHoweverTheNetworkCutsThem(size: Int) throws {
        var parser = SMTPReplyParser()
        var found: [SMTPReply] = []
        let octets = Array(Self.text.utf8)
        for start in stride(from: 0, to: octets.count, by: size) {
            found += try parser.append(octets[start..<min(start + size, octets.count)])
        }
        #expect(found == Self.replies)
        #expect(parser.isEmpty)
    }

    @Test func anUnfinishedReplyIsNoticed() throws {
        var parser = SMTPReplyParser()
        #expect(try parser.append("220-a\r\n".utf8).isEmpty)
        #expect(!parser.isEmpty)
    }

    @Test(arguments: [
        "HTTP/1.1 400 Bad Request\r\n", "\r\n", "99 x\r\n", "100 x\r\n", "600 x\r\n", "220-a\r\n250 b\r\n", "2200 x\r\n",
    ])
    func otherProtocolsAreNotTakenForReplies(text: String) {
        var parser = SMTPReplyParser()
        #expect(throws: SMTPReplyParser.Malformed.self) { try parser.append(text.utf8) }
    }

    @Test(arguments: [("2", 9000), ("250-x\r\n", 300)])
    func endlessRepliesAreRefused(text: String, count: Int) {
        var parser = SMTPReplyParser()
        #expect(throws: SMTPReplyParser.Malformed.self) { try parser.append(String(repeating: text, count: count).utf8) }
    }

    @Test func aReplyIsSafeToLog() {
        #expect(SMTPReply(code: 550, lines: ["a\u{1B}[31m", "b"]).description == "550 a?[31m / b")
    }
}
