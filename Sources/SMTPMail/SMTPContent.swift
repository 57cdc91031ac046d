/// The mail as it travels after DATA.
enum SMTPContent {
    /// Doubles each dot that begins a line and adds the line that ends the mail (RFC 5321, section 4.5.2).
    /// The content ends in CRLF and holds CR and LF in pairs only, so nothing in it can end the mail early.
    static func terminated(_ content: [UInt8]) -> [UInt8] {
        let dot = UInt8(ascii: ".")
        var result: [UInt8] = []
        result.reserveCapacity(content.count + content.count / 64 + 3)
        var beginsLine = true
        for octet in content {
            if beginsLine, octet == dot { result.append(dot) }
            result.append(octet)
            beginsLine = octet == .lineFeed
        }
        return result + [dot, .carriageReturn, .lineFeed]
    }
}
