/// Reads JSON text (RFC 8259) into a `JSONValue`: order kept, numbers exact, lone surrogates kept, depth bounded.
public enum JSONParser {
    /// What to do with a key that an object has twice.
    public enum DuplicateKeys: Sendable {
        /// The last value stays, as in ECMAScript and Jackson.
        case keepLast
        /// An error at the second key.
        case reject
    }

    /// How deeply arrays and objects may nest unless said otherwise.
    public static let defaultDepthLimit = 512

    /// Parses a whole text; anything but white space after the value is an error.
    public static func parse(
        _ text: [UInt8], depthLimit: Int = defaultDepthLimit, duplicateKeys: DuplicateKeys = .keepLast
    ) throws(JSONParseError) -> JSONValue {
        let outcome = text.withUnsafeBufferPointer { buffer in
            parse(buffer, depthLimit: depthLimit, duplicateKeys: duplicateKeys)
        }
        return try outcome.get()
    }

    /// Parses the UTF-8 of a Swift text.
    public static func parse(_ text: String) throws(JSONParseError) -> JSONValue {
        var text = text
        let outcome = text.withUTF8 { buffer in
            parse(buffer, depthLimit: defaultDepthLimit, duplicateKeys: .keepLast)
        }
        return try outcome.get()
    }

    /// Parses the text of a JSON string: JSON inside JSON.
    public static func parse(
        _ text: JSONString, depthLimit: Int = defaultDepthLimit, duplicateKeys: DuplicateKeys = .keepLast
    ) throws(JSONParseError) -> JSONValue {
        let outcome = text.withBytes { parse($0, depthLimit: depthLimit, duplicateKeys: duplicateKeys) }
        return try outcome.get()
    }

    private static func parse(
        _ buffer: UnsafeBufferPointer<UInt8>, depthLimit: Int, duplicateKeys: DuplicateKeys
    ) -> Result<JSONValue, JSONParseError> {
        var reader = JSONReader(buffer, depthLimit: depthLimit, duplicateKeys: duplicateKeys)
        do throws(JSONParseError) {
            return .success(try reader.document())
        } catch {
            return .failure(error)
        }
    }
}
