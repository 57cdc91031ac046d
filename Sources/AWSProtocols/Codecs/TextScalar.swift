import ByteCoding

/// Values that are no structures, lists or maps, as text: in forms, paths, query strings, headers and XML.
enum TextScalar {
    /// The value of a text; nil when it is none of the shape's, or the shape is not simple.
    static func value(_ text: String, _ shape: Shape) -> APIValue? {
        switch shape.kind {
        case .string: return .string(text)
        case .integer: return Int32(text).map { .integer(Int64($0)) }
        case .long: return Int64(text).map(APIValue.integer)
        case .double: return Double(text).map(APIValue.double)
        case .boolean:
            switch text {
            case "true", "True", "TRUE": return .bool(true)
            case "false", "False", "FALSE": return .bool(false)
            default: return nil
            }
        case .blob: return Base64.decode(text.utf8).map(APIValue.blob)
        case .timestamp: return TimestampText.parse(text).map(APIValue.timestamp)
        case .structure, .list, .map, .document: return nil
        }
    }

    /// The text of a value; nil for structures, lists, maps and documents.
    /// - Parameter format: how the place writes instants, unless the shape says otherwise.
    static func text(_ value: APIValue, _ shape: Shape, _ format: TimestampFormat) -> String? {
        switch value {
        case .string(let text): text
        case .integer(let number): String(number)
        case .double(let number): number == number.rounded() && number.magnitude < 1e15 ? "\(Int64(number)).0" : "\(number)"
        case .bool(let value): value ? "true" : "false"
        case .blob(let bytes): Base64.text(bytes)
        case .timestamp(let milliseconds): TimestampText.text(milliseconds, shape.timestampFormat ?? format)
        case .null, .list, .structure, .json: nil
        }
    }
}
