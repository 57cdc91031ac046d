/// Asks the server for content of an `aws:downloadContent` step: the query of `GET content`.
///
/// The grant in it is the authority, not a signature: the step's program runs as the step's user, who has no access to the agent's key.
package enum ContentRequest: Equatable, Sendable {
    /// A page of the keys of a folder, behind one of them. Answered by `ContentListing`.
    case list(after: String?)
    /// A piece of an object from an offset on; with a tag only of that version. Answered by the bytes, with the version in `tagHeader`;
    /// by no bytes at the object's end; by 404 when there is no such object; by 409 when it is another version by now.
    case piece(key: String, offset: Int64, tag: String?)

    /// How long a piece is at most, in bytes.
    package static let pieceBytes = 1024 * 1024
    /// The response header with the version that a piece is of.
    package static let tagHeader = "x-nightshift-object-tag"

    /// Path and query.
    package func target(grant: String) -> String {
        var parameters = [("grant", grant)]
        switch self {
        case .list(let after):
            parameters.append(("list", "1"))
            if let after { parameters.append(("after", after)) }
        case .piece(let key, let offset, let tag):
            parameters += [("key", key), ("offset", String(offset))]
            if let tag { parameters.append(("tag", tag)) }
        }
        return AgentRoute.content + "?" + parameters.map { "\($0)=\(Self.encode($1))" }.joined(separator: "&")
    }

    /// Reads a request by its decoded query parameters; nil when it asks for nothing that there is.
    package init?(parameter: (String) -> String?) {
        if parameter("list") != nil {
            self = .list(after: parameter("after"))
        } else if let key = parameter("key"), let offset = parameter("offset").flatMap({ Int64($0) }), offset >= 0 {
            self = .piece(key: key, offset: offset, tag: parameter("tag"))
        } else {
            return nil
        }
    }

    /// RFC 3986, section 2.3: all but the unreserved characters is escaped.
    private static func encode(_ text: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: bytes.append(byte)
            default:
                bytes.append(UInt8(ascii: "%"))
                for nibble in [byte >> 4, byte & 0xF] { bytes.append(nibble < 10 ? 0x30 + nibble : 0x37 + nibble) }
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
