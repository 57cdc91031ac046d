/// What a label may be called (Systems Manager API Reference, LabelParameterVersion).
enum ParameterLabelName {
    /// How many labels a version may have.
    static let limit = 10

    /// Whether a text may be a label: letters, digits, `.`, `-` and `_`; no digit first, and not beginning with `aws` or `ssm`.
    static func isValid(_ label: String) -> Bool {
        let start = label.lowercased()
        guard let first = label.utf8.first, !isDigit(first), !start.hasPrefix("aws"), !start.hasPrefix("ssm") else { return false }
        return label.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "."), UInt8(ascii: "-"),
                UInt8(ascii: "_"):
                true
            default: isDigit(byte)
            }
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
