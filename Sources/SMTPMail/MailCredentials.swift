/// A user of the mail server. The password is never part of a description or log.
package struct MailCredentials: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible {
    package let username: String
    package let password: String

    package init(username: String, password: String) {
        self.username = username
        self.password = password
    }

    package var description: String { "user \(username)" }
    package var debugDescription: String { description }

    /// What keeps the mechanisms from carrying them (RFC 4616, section 2: 1 to 255 octets, no NUL).
    func problems() -> [String] {
        [("user name", username), ("password", password)].compactMap { name, value in
            let isUsable = (1...255).contains(value.utf8.count) && !value.utf8.contains(0)
            return isUsable ? nil : "the mail server's \(name) must have 1 to 255 octets and no NUL"
        }
    }
}
