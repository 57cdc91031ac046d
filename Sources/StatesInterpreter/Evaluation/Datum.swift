import JSONCore

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
