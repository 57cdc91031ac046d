/// The words of AWS's validator.
enum ConstraintText {
    /// A text, list or map is too long.
    static func longest(_ limit: Int64) -> String { "Member must have length less than or equal to \(limit)" }

    /// A text, list or map is too short.
    static func shortest(_ limit: Int64) -> String { "Member must have length greater than or equal to \(limit)" }

    /// A number is too great.
    static func greatest(_ limit: Int64) -> String { "Member must have value less than or equal to \(limit)" }

    /// A number is too small.
    static func least(_ limit: Int64) -> String { "Member must have value greater than or equal to \(limit)" }

    /// A text does not match.
    static func pattern(_ pattern: String) -> String { "Member must satisfy regular expression pattern: \(pattern)" }

    /// A text is none of the allowed ones.
    static func values(_ values: [String]) -> String {
        "Member must satisfy enum value set: [\(values.joined(separator: ", "))]"
    }

    /// A value as Java prints it, which is how AWS's messages show it.
    static func shown(_ value: APIValue) -> String {
        switch value {
        case .null: "null"
        case .bool(let value): String(value)
        case .integer(let value): String(value)
        case .double(let value): "\(value)"
        case .string(let text): text
        case .blob(let bytes): "java.nio.HeapByteBuffer[pos=0 lim=\(bytes.count) cap=\(bytes.count)]"
        case .timestamp(let milliseconds): String(milliseconds)
        case .list(let elements): "[\(elements.map(shown).joined(separator: ", "))]"
        case .structure(let entries):
            "{\(entries.members.map { "\($0.name)=\(shown($0.value))" }.joined(separator: ", "))}"
        case .json: "{}"
        }
    }
}
