@testable import SMTPMail

extension MailMessage {
    /// The smallest valid mail, with what a test is about changed.
    static func fixture(
        from: String = "nightshift@example.com", to: [String] = ["support@example.com"], subject: String = "Test",
        text: String = "Hello", unsubscribeURL: String? = nil
    ) throws -> MailMessage {
        try MailMessage(
            id: MailMessageID(token: "1", domain: "example.com"), from: MailAddress(from), to: to.map { try MailAddress($0) },
            subject: subject, writtenAt: 1_763_682_000_000, text: text, unsubscribeURL: unsubscribeURL)
    }

    /// The encoded mail as text.
    func text(allows8Bit: Bool = false) -> String { String(decoding: encoded(allows8Bit: allows8Bit).content, as: UTF8.self) }

    /// The encoded body, without the header.
    func body(allows8Bit: Bool = false) -> String {
        let text = text(allows8Bit: allows8Bit)
        guard let end = text.firstRange(of: "\r\n\r\n") else { return "" }
        return String(text[end.upperBound...])
    }

    /// The value of a header field, unfolded, or nil.
    func header(_ name: String, allows8Bit: Bool = false) -> String? {
        let text = text(allows8Bit: allows8Bit)
        guard let end = text.firstRange(of: "\r\n\r\n") else { return nil }
        let unfolded = text[..<end.lowerBound].replacing("\r\n ", with: " ")
        let line = unfolded.split(separator: "\r\n").first { $0.hasPrefix("\(name): ") }
        return line.map { String($0.dropFirst(name.count + 2)) }
    }
}

extension MailConfiguration {
    static func fixture(port: Int = 25, _ change: (inout MailConfiguration) -> Void = { _ in }) -> MailConfiguration {
        var configuration = MailConfiguration(host: "127.0.0.1", port: port, hostName: "batch.example.com")
        change(&configuration)
        return configuration
    }
}

extension SMTPReply {
    /// A reply from its lines, as a server would send them: `"250-PIPELINING"`, `"250 OK"`.
    static func lines(_ lines: String...) -> SMTPReply {
        SMTPReply(code: Int(lines[0].prefix(3)) ?? 0, lines: lines.map { String($0.dropFirst(4)) })
    }
}
