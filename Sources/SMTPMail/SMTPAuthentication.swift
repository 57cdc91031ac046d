import ByteCoding

/// The user's side of AUTH (RFC 4954): a mechanism and the answers it gives to the server's challenges.
struct SMTPAuthentication: Sendable, Equatable {
    let mechanism: String
    /// Base64 answers, in the order of the challenges. The first waits for a challenge too: an initial response may exceed the
    /// 512 octets of a command line.
    let responses: [String]

    /// The better mechanism of those offered, or nil when the server offers neither PLAIN (RFC 4616) nor LOGIN.
    init?(credentials: MailCredentials, offered: Set<String>) {
        let (user, password) = (Array(credentials.username.utf8), Array(credentials.password.utf8))
        if offered.contains("PLAIN") {
            mechanism = "PLAIN"
            responses = [Base64.text([0] + user + [0] + password)]
        } else if offered.contains("LOGIN") {
            mechanism = "LOGIN"
            responses = [Base64.text(user), Base64.text(password)]
        } else {
            return nil
        }
    }
}
