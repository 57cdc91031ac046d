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
