package import JSONCore

/// One value of a request or an answer, whatever protocol carries it: what the codecs read and write and handlers work on.
///
/// A request that reached a handler has been checked against the service's model, so its values have the types that the model names.
package indirect enum APIValue: Sendable, Equatable {
    /// An explicit null; codecs treat it like an absent member.
    case null
    case bool(Bool)
    case integer(Int64)
    case double(Double)
    case string(String)
    case blob([UInt8])
    /// An instant in milliseconds since 1970-01-01T00:00:00Z.
    case timestamp(Int64)
    case list([APIValue])
    /// A structure, or a map: then the names are the map's keys.
    case structure(APIStructure)
    /// A document type: any JSON.
    case json(JSONValue)
}

extension APIValue {
    /// The text, nil for any other kind.
    package var string: String? { if case .string(let value) = self { value } else { nil } }

    /// The whole number, nil for any other kind.
    package var integer: Int64? { if case .integer(let value) = self { value } else { nil } }

    /// The number, also of an integer; nil for any other kind.
    package var double: Double? {
        switch self {
        case .double(let value): value
        case .integer(let value): Double(value)
        default: nil
        }
    }

    /// The boolean, nil for any other kind.
    package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

    /// The bytes, nil for any other kind.
    package var blob: [UInt8]? { if case .blob(let value) = self { value } else { nil } }

    /// Milliseconds since 1970, nil for any other kind.
    package var timestamp: Int64? { if case .timestamp(let value) = self { value } else { nil } }

    /// The elements, nil for any other kind.
    package var list: [APIValue]? { if case .list(let value) = self { value } else { nil } }

    /// The members of a structure or map, nil for any other kind.
    package var structure: APIStructure? { if case .structure(let value) = self { value } else { nil } }

    /// The JSON of a document type, nil for any other kind.
    package var json: JSONValue? { if case .json(let value) = self { value } else { nil } }

    /// Whether this is an explicit null.
    package var isNull: Bool { if case .null = self { true } else { false } }

    /// A list of strings.
    package static func strings(_ values: some Sequence<String>) -> APIValue { .list(values.map(APIValue.string)) }

    /// A map of strings.
    package static func stringMap(_ entries: some Sequence<(String, String)>) -> APIValue {
        .structure(APIStructure(entries.map { ($0, .string($1)) }))
    }

    /// The value, or null when there is none; null members are left out of answers.
    package static func optional(_ text: String?) -> APIValue { text.map(APIValue.string) ?? .null }

    /// The value, or null when there is none; null members are left out of answers.
    package static func optional(_ number: Int64?) -> APIValue { number.map(APIValue.integer) ?? .null }

    /// The instant in milliseconds since 1970, or null when there is none; null members are left out of answers.
    package static func optionalTimestamp(_ milliseconds: Int64?) -> APIValue {
        milliseconds.map(APIValue.timestamp) ?? .null
    }
}

extension APIValue: ExpressibleByStringLiteral, ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral,
    ExpressibleByNilLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(floatLiteral value: Double) { self = .double(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(arrayLiteral elements: APIValue...) { self = .list(elements) }
    package init(dictionaryLiteral elements: (String, APIValue)...) { self = .structure(APIStructure(elements)) }
    package init(nilLiteral: ()) { self = .null }
}
