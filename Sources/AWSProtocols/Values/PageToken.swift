import ByteCoding
package import JSONCore

/// The position at which the next page of a list starts, as an opaque text for the client.
///
/// A token belongs to the operation that made it, and to what that operation listed (`scope`: a filter's digest, a parent's ARN); given to
/// another one it is refused. It carries a check sum against cut or altered text. It is no secret and grants nothing: every page is
/// read with the account of its own request, so a forged position shows nothing that the caller may not list anyway.
package struct PageToken: Sendable, Equatable {
    /// Why a text is not a token for this list.
    package enum Fault: Error, Sendable, Equatable {
        /// Not a token at all, cut, or altered.
        case malformed
        /// A token of another operation or of other parameters.
        case foreign
    }

    private static let version: Int64 = 1

    /// The operation that made it, as the API names it.
    package let operation: String
    /// What it lists, in a form of the operation's choice; empty when there is only one list.
    package let scope: String
    /// The key after which the next page starts.
    package let position: JSONValue

    /// A token of this operation and scope that continues after `position`.
    package init(operation: String, scope: String = "", position: JSONValue) {
        self.operation = operation
        self.scope = scope
        self.position = position
    }

    /// The token as the client gets it: URL-safe Base64.
    package var text: String {
        let content = JSONWriter.bytes(of: .array([
            .integer(PageToken.version), .text(operation), .text(scope), position,
        ]))
        return Base64.urlSafeText(PageToken.checksum(content) + content)
    }

    /// Reads the position out of a token that a client sent back.
    /// - Throws: `Fault` when the text is no token, or not of this operation and scope.
    package static func position(
        in text: String, operation: String, scope: String = ""
    ) throws(Fault) -> JSONValue {
        guard let bytes = Base64.decode(text.utf8), bytes.count > 8 else { throw .malformed }
        let content = Array(bytes[8...])
        guard checksum(content) == Array(bytes[..<8]) else { throw .malformed }
        guard let parts = (try? JSONParser.parse(content))?.array, parts.count == 4, parts[0].integer == version
        else { throw .malformed }
        guard parts[1] == .text(operation), parts[2] == .text(scope) else { throw .foreign }
        return parts[3]
    }

    /// FNV-1a with 64 bits, big endian.
    private static func checksum(_ bytes: [UInt8]) -> [UInt8] {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return (0..<8).map { UInt8(truncatingIfNeeded: hash >> UInt64(56 - 8 * $0)) }
    }
}
