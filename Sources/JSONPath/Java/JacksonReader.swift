import JSONCore

/// Reads JSON as AWS's `States.StringToJson` does, with the Jackson library: an empty text is null, what follows the value
/// is ignored, and errors are worded as Jackson words them.
enum JacksonReader {
    /// Why a text is not JSON.
    struct Problem: Error {
        /// Jackson's message with the place.
        let message: String
    }

    /// The value that the text begins with.
    static func value(of text: JSONString) throws(Problem) -> JSONValue {
        let bytes = text.bytes
        if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }) { return .null }
        do throws(JSONParseError) {
            return normalized(try JSONParser.parse(bytes))
        } catch {
            if error.reason == .trailingText, endsBefore(error.offset, in: bytes),
                let value = try? JSONParser.parse(Array(bytes[..<error.offset]))
            {
                return normalized(value)
            }
            throw Problem(message: JacksonMessage(error, in: bytes).text)
        }
    }

    /// A number or a word must be followed by a space; brackets and quotes end a value by themselves.
    private static func endsBefore(_ offset: Int, in bytes: [UInt8]) -> Bool {
        guard offset > 0 else { return false }
        return [0x20, 0x09, 0x0A, 0x0D, 0x22, 0x5D, 0x7D].contains(bytes[offset - 1])
    }

    /// Jackson's integers have no negative zero.
    private static func normalized(_ value: JSONValue) -> JSONValue {
        if case .number(let number) = value, number.isIntegerLiteral, number.integer == 0 { return 0 }
        return value
    }
}
