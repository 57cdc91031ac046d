import JSONCore

extension JSONValue {
    /// Whether arrays and objects nest more than `limit` levels; looks no deeper than that.
    func isDeeper(than limit: Int) -> Bool {
        switch self {
        case .array(let elements): limit == 0 || elements.contains { $0.isDeeper(than: limit - 1) }
        case .object(let object): limit == 0 || object.members.contains { $0.value.isDeeper(than: limit - 1) }
        case .null, .bool, .number, .string: false
        }
    }
}

extension JSONValue {
    /// The whole number that a path leads to: AWS reads the value's text, so that `"5"` is a number and `5.0` is none.
    var long: Int64? {
        switch self {
        case .number(let number): number.isIntegerLiteral ? number.integer : nil
        case .string(let text): Int64(text.text)
        default: nil
        }
    }

    /// The value as AWS's messages show it: a string without quotes, all else as JSON text.
    var plainText: String { text ?? JSONWriter.text(of: self) }
}

/// A value on its way through a state: still the payload it came as, or something new.
///
/// Keeping the two apart saves writing and storing the same text again for each state that hands its input on.
enum Datum {
    case payload(Payload)
    case value(JSONValue)

    /// The value.
    var value: JSONValue {
        switch self {
        case .payload(let payload): payload.value
        case .value(let value): value
        }
    }
}
