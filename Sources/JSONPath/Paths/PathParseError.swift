/// Why a text is no JSONPath, no reference path or no intrinsic function call, and where.
package struct PathParseError: Error, Sendable, Hashable {
    /// What is wrong, for a human; names what was expected.
    package let message: String
    /// Where: the byte's offset from the start of the expression.
    package let offset: Int

    /// An error with this message at this byte offset.
    package init(_ message: String, offset: Int) {
        self.message = message
        self.offset = offset
    }
}

extension PathParseError: CustomStringConvertible {
    /// The message with its place, counted from one.
    package var description: String { "\(message) (at character \(offset + 1))" }
}
