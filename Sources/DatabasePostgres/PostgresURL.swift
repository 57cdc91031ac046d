/// Where a PostgreSQL database is, as its users write it: `postgres://user:password@host:port/name?sslmode=verify-full`.
///
/// Several hosts and all of libpq's parameters may stand in it ("Connection URIs" in PostgreSQL's manual).
package struct PostgresURL: Sendable, Hashable {
    /// What is wrong with a URL. Shows nothing of it: what stands in the wrong place may be the password.
    package struct Invalid: Error, Hashable, CustomStringConvertible {
        /// In words, for the operator.
        package let description: String
    }

    /// The whole of it, the password included: for libpq alone.
    let text: String

    /// The URL without passwords, for logs and messages.
    package let redacted: String

    /// Checks a URL.
    package init(_ text: String) throws(Invalid) {
        guard let scheme = ["postgres://", "postgresql://"].first(where: text.hasPrefix) else {
            throw Invalid(description: "expected postgres://USER:PASSWORD@HOST:PORT/NAME")
        }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw Invalid(description: "a character that URLs do not have; write it as %XX")
        }
        let (beforeQuery, query) = PostgresURL.split(text.dropFirst(scheme.count), at: "?")
        let (authority, name) = PostgresURL.split(beforeQuery, at: "/")
        let parts = authority.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count <= 2, name.map({ !$0.isEmpty && !$0.contains("/") && !$0.contains("@") }) ?? false else {
            throw Invalid(
                description: "expected postgres://USER:PASSWORD@HOST:PORT/NAME; write /, @ and ? in a password as %2F, %40 and %3F")
        }
        let user = parts.count == 2 ? PostgresURL.split(parts[0], at: ":").0 + "@" : ""
        let parameters = (query ?? "").split(separator: "&").filter { parameter in
            // password, sslpassword, and whatever else is called so one day.
            !PostgresURL.split(parameter, at: "=").0.lowercased().contains("password")
        }
        self.text = text
        redacted =
            scheme + user + (parts.last ?? "") + "/" + (name ?? "")
            + (parameters.isEmpty ? "" : "?" + parameters.joined(separator: "&"))
    }

    private static func split(_ text: Substring, at separator: Character) -> (Substring, Substring?) {
        guard let index = text.firstIndex(of: separator) else { return (text, nil) }
        return (text[..<index], text[text.index(after: index)...])
    }
}
