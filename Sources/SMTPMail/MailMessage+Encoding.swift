/// A mail as the octets that follow the `DATA` command, without dot-stuffing.
struct EncodedMail: Sendable, Equatable {
    /// Header, empty line, body; every line ends in CRLF and there is no other CR or LF.
    var content: [UInt8]
    /// Whether the body has octets above 127, which only an 8BITMIME server takes (RFC 6152).
    var needs8BitMIME: Bool
    /// Whether an address needs SMTPUTF8 (RFC 6531).
    var needsUTF8: Bool
}

extension MailMessage {
    /// Writes the mail for a server that does or does not take 8-bit text.
    func encoded(allows8Bit: Bool) -> EncodedMail {
        let encoding = BodyEncoding.choose(for: text, allows8Bit: allows8Bit)
        var header = MailHeader()
        header.add("Date", MailDate.text(forMilliseconds: writtenAt))
        header.addAddresses("From", [from])
        header.addAddresses("To", to)
        header.addText("Subject", subject)
        header.add("Message-ID", id.rawValue)
        header.add("MIME-Version", "1.0")
        header.add("Content-Type", "text/plain; charset=UTF-8")
        header.add("Content-Transfer-Encoding", encoding.rawValue)
        // Keeps vacation responders silent (RFC 3834, section 5.1).
        header.add("Auto-Submitted", "auto-generated")
        if let unsubscribeURL { header.add("List-Unsubscribe", "<\(unsubscribeURL)>") }
        return EncodedMail(
            content: header.octets + [.carriageReturn, .lineFeed] + encoding.encode(text),
            needs8BitMIME: encoding == .eightBit,
            needsUTF8: from.needsUTF8 || to.contains(where: \.needsUTF8))
    }
}
