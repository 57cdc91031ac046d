/// A value bound to a statement or read from a row. User payloads are blobs: PostgreSQL's TEXT refuses NUL.
package enum SQLValue: Sendable, Hashable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])

    /// An optional integer; nil is NULL.
    package static func integer(_ value: Int64?) -> SQLValue { value.map(SQLValue.integer) ?? .null }

    /// An integer.
    package static func integer(_ value: Int) -> SQLValue { .integer(Int64(value)) }

    /// An optional text; nil is NULL.
    package static func text(_ value: String?) -> SQLValue { value.map(SQLValue.text) ?? .null }

    /// An optional blob; nil is NULL.
    package static func blob(_ value: [UInt8]?) -> SQLValue { value.map(SQLValue.blob) ?? .null }

    /// The integer, nil for NULL or another type.
    package var integer: Int64? { if case .integer(let value) = self { value } else { nil } }

    /// The text, nil for NULL or another type.
    package var text: String? { if case .text(let value) = self { value } else { nil } }

    /// The bytes of a blob, nil for NULL or another type.
    package var blob: [UInt8]? { if case .blob(let value) = self { value } else { nil } }

    /// The number of a real or an integer, nil otherwise.
    package var real: Double? {
        switch self {
        case .real(let value): value
        case .integer(let value): Double(value)
        default: nil
        }
    }
}
