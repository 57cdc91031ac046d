/// A JSON value: ordered objects, exact numbers, strings compared by bytes (RFC 8259).
public enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(JSONString)
    case array([JSONValue])
    case object(JSONObject)

    /// The string of a Swift text.
    @inlinable
    public static func text(_ text: String) -> JSONValue { .string(JSONString(text)) }

    /// An integer.
    @inlinable
    public static func integer(_ value: Int) -> JSONValue { .number(JSONNumber(value)) }

    /// An integer.
    @inlinable
    public static func integer(_ value: Int64) -> JSONValue { .number(JSONNumber(value)) }

    /// True for null.
    @inlinable
    public var isNull: Bool { if case .null = self { true } else { false } }

    /// The boolean, nil for any other type.
    @inlinable
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

    /// The number, nil for any other type.
    @inlinable
    public var number: JSONNumber? { if case .number(let value) = self { value } else { nil } }

    /// The whole number, nil for another type or a fraction.
    @inlinable
    public var integer: Int64? { number?.integer }

    /// The string, nil for any other type.
    @inlinable
    public var string: JSONString? { if case .string(let value) = self { value } else { nil } }

    /// The string as Swift text, nil for any other type.
    @inlinable
    public var text: String? { string?.text }

    /// The elements, nil for any other type.
    @inlinable
    public var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }

    /// The object, nil for any other type.
    @inlinable
    public var object: JSONObject? { if case .object(let value) = self { value } else { nil } }

    /// The member of an object, nil when this is no object or has no such key.
    @inlinable
    public subscript(key: String) -> JSONValue? { object?[key] }

    /// The type's name as JSON Schema and error texts spell it: `null`, `boolean`, `number`, `string`, `array`, `object`.
    public var typeName: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral, ExpressibleByFloatLiteral
{
    public init(stringLiteral value: String) { self = .string(JSONString(value)) }
    public init(integerLiteral value: Int64) { self = .number(JSONNumber(value)) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (JSONString, JSONValue)...) { self = .object(JSONObject(elements)) }
    public init(nilLiteral: ()) { self = .null }
    public init(floatLiteral value: Double) { self = JSONNumber(value).map(JSONValue.number) ?? .null }
}

extension JSONValue: CustomStringConvertible {
    /// The value as compact JSON text.
    public var description: String { String(decoding: JSONWriter.bytes(of: self), as: UTF8.self) }
}
