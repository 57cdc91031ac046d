/// Cuts what a mail server sends into replies, however the network has cut it before.
struct SMTPReplyParser {
    /// The server does not speak SMTP.
    struct Malformed: Error, Equatable {
        let reason: String
    }

    /// Longest line and most lines accepted. The RFC says 512 octets a line; real servers write longer ones.
    private static let maximumLineLength = 8192
    private static let maximumLines = 256

    private var line: [UInt8] = []
    private var code: Int?
    private var texts: [String] = []

    /// Whether octets of an unfinished reply are waiting.
    var isEmpty: Bool { line.isEmpty && code == nil }

    /// Takes octets from the network and returns the replies they complete, in order.
    mutating func append(_ octets: some Sequence<UInt8>) throws(Malformed) -> [SMTPReply] {
        var replies: [SMTPReply] = []
        for octet in octets {
            guard octet == .lineFeed else {
                guard line.count < Self.maximumLineLength else { throw Malformed(reason: "a reply line is too long") }
                line.append(octet)
                continue
            }
            if line.last == .carriageReturn { line.removeLast() }
            if let reply = try finishLine() { replies.append(reply) }
            line.removeAll(keepingCapacity: true)
        }
        return replies
    }

    /// Reads `250-text` (more follow), `250 text` or `250`.
    private mutating func finishLine() throws(Malformed) -> SMTPReply? {
        guard let lineCode = Self.code(of: line), code == nil || code == lineCode else {
            throw Malformed(reason: "a reply line does not begin with the reply's code")
        }
        let separator = line.count > 3 ? line[3] : UInt8(ascii: " ")
        guard separator == UInt8(ascii: " ") || separator == UInt8(ascii: "-") else {
            throw Malformed(reason: "a reply code is not followed by a space or hyphen")
        }
        guard texts.count < Self.maximumLines else { throw Malformed(reason: "a reply has too many lines") }
        texts.append(String(decoding: line.dropFirst(4), as: UTF8.self))
        guard separator == UInt8(ascii: " ") else {
            code = lineCode
            return nil
        }
        defer { (code, texts) = (nil, []) }
        return SMTPReply(code: lineCode, lines: texts)
    }

    private static func code(of line: [UInt8]) -> Int? {
        guard line.count >= 3, line.prefix(3).allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        let code = line.prefix(3).reduce(0) { $0 * 10 + Int($1 - 0x30) }
        return (200...599).contains(code) ? code : nil
    }
}
