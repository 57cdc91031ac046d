/// Why a text is not JSON, and where.
public struct JSONParseError: Error, Hashable, Sendable {
    /// What is wrong, in a closed set.
    public enum Reason: String, Hashable, Sendable {
        case unexpectedEnd = "unexpected end of the text"
        case unexpectedCharacter = "unexpected character"
        case trailingText = "text after the value"
        case badNumber = "a number that is not JSON or too large"
        case badEscape = "an escape that JSON does not have"
        case controlCharacter = "a control character inside a string"
        case invalidUTF8 = "bytes that are not UTF-8"
        case tooDeep = "nested too deeply"
        case duplicateKey = "an object with the same key twice"
    }

    /// What is wrong.
    public let reason: Reason
    /// Where: the byte's offset from the start of the text.
    public let offset: Int

    /// An error of this reason at this byte offset.
    public init(reason: Reason, offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    /// The one-based line and column (in bytes) of the error in its text.
    public func position(in text: [UInt8]) -> (line: Int, column: Int) {
        var line = 1
        var column = 1
        for byte in text.prefix(offset) {
            if byte == 0x0A {
                line += 1
                column = 1
            } else {
                column += 1
            }
        }
        return (line, column)
    }
}
