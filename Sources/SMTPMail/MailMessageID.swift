/// The unique name of one mail, `<token@domain>` (RFC 5322, section 3.6.4).
///
/// A mail that is sent again keeps its Message-ID; receivers recognise a second copy by it.
package struct MailMessageID: Sendable, Hashable, CustomStringConvertible {
    /// The id with its angle brackets, as it stands in the header.
    package let rawValue: String

    /// Names a mail by the caller's own unique token, for instance an outbox entry's id.
    ///
    /// Throws a permanent `MailError` when a part holds anything but the characters of a dot-atom.
    package init(token: String, domain: String) throws(MailError) {
        let isAtom: (Unicode.Scalar) -> Bool = { $0.isASCII && ($0 == "." || $0.isAtomText) }
        guard !token.isEmpty, !domain.isEmpty, token.utf8.count + domain.utf8.count <= 250,
            token.unicodeScalars.allSatisfy(isAtom), domain.unicodeScalars.allSatisfy(isAtom)
        else { throw .composition("'\(token.prefix(80))' cannot stand in a Message-ID") }
        rawValue = "<\(token)@\(domain)>"
    }

    package var description: String { rawValue }
}
