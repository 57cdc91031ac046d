/// What a mail server said it can do, in its reply to EHLO (RFC 5321, section 4.1.1.1).
struct SMTPCapabilities: Sendable, Equatable {
    var offersStartTLS = false
    var offers8BitMIME = false
    var offersUTF8 = false
    var authenticationMechanisms: Set<String> = []
    /// Whether the SIZE extension is there (RFC 1870).
    var offersSize = false
    /// Largest mail in octets; nil when the server names none.
    var maximumSize: Int?

    /// A server that knows HELO alone.
    init() {}

    /// Reads the lines after the first, which is the server's name. Unknown keywords are passed over.
    init(helloLines: [String]) {
        for line in helloLines.dropFirst() {
            // "AUTH=LOGIN PLAIN" is an old form that some servers still offer beside the right one.
            let words = line.uppercased().split { $0 == " " || $0 == "=" || $0 == "\t" }
            switch words.first {
            case "STARTTLS": offersStartTLS = true
            case "8BITMIME": offers8BitMIME = true
            case "SMTPUTF8": offersUTF8 = true
            case "AUTH": authenticationMechanisms.formUnion(words.dropFirst().map(String.init))
            case "SIZE":
                offersSize = true
                maximumSize = words.dropFirst().first.flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
            default: break
            }
        }
    }
}
