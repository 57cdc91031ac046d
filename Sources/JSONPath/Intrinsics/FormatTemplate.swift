import JSONCore

/// The template of `States.Format`: text with placeholders `{}`; `\{`, `\}`, `\'` and `\\` stand for the characters themselves.
struct FormatTemplate {
    /// Why a text is no template, in AWS's words.
    enum Problem: Error {
        case unclosedBrace
        case unopenedBrace

        /// What AWS prints behind `Invalid template in States.Format: `.
        var description: String {
            switch self {
            case .unclosedBrace: "matching '}' not found for '{'."
            case .unopenedBrace: "matching '{' not found for '}'."
            }
        }
    }

    /// The texts around the placeholders: always one more than there are placeholders.
    let segments: [[UInt8]]

    /// Reads a template as it is written, escapes included.
    init(_ raw: JSONString) throws(Problem) {
        let bytes = raw.bytes
        var segments: [[UInt8]] = [[]]
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            let next = index + 1 < bytes.count ? bytes[index + 1] : nil
            switch (byte, next) {
            case (UInt8(ascii: "\\"), let escaped?) where FormatTemplate.isEscapable(escaped):
                segments[segments.count - 1].append(escaped)
                index += 2
            case (UInt8(ascii: "{"), UInt8(ascii: "}")?):
                segments.append([])
                index += 2
            case (UInt8(ascii: "{"), _): throw .unclosedBrace
            case (UInt8(ascii: "}"), _): throw .unopenedBrace
            default:
                segments[segments.count - 1].append(byte)
                index += 1
            }
        }
        self.segments = segments
    }

    /// How many placeholders there are.
    var placeholderCount: Int { segments.count - 1 }

    /// The text with each placeholder replaced; there are as many values as placeholders.
    func filled(with values: [JSONString]) -> JSONString {
        var output = segments[0]
        for (segment, value) in zip(segments.dropFirst(), values) {
            output.append(contentsOf: value.bytes)
            output.append(contentsOf: segment)
        }
        return JSONString(unchecked: output)
    }

    /// Whether a backslash may stand before the character.
    static func isEscapable(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "'") || byte == UInt8(ascii: "{") || byte == UInt8(ascii: "}") || byte == UInt8(ascii: "\\")
    }
}
