import AWSProtocols
import JSONCore

/// A parameter that a command document declares (Systems Manager User Guide, "Top-level data elements": `parameters`).
struct CommandDocumentParameter: Sendable {
    /// The types that Run Command fills in.
    enum Kind: String, Sendable {
        case string = "String"
        case stringList = "StringList"
    }

    let name: String
    let kind: Kind
    let description: String?
    let defaultValue: [String]?
    /// The default as DescribeDocument shows it.
    let defaultText: String?
    private let allowedPattern: TextPattern?
    private let allowedValues: [String]
    private let itemCount: ClosedRange<Int>
    private let characterCount: ClosedRange<Int>

    /// Reads a declaration; nil when it is none.
    init?(name: String, _ json: JSONValue) {
        guard let kind = json["type"]?.text.flatMap(Kind.init(rawValue:)) else { return nil }
        self.name = name
        self.kind = kind
        description = json["description"]?.text
        switch json["default"] {
        case .string(let text)?: (defaultValue, defaultText) = ([text.text], text.text)
        case .array(let items)?:
            (defaultValue, defaultText) = (items.compactMap(\.text), JSONWriter.text(of: .array(items)))
        default: (defaultValue, defaultText) = (nil, nil)
        }
        allowedPattern = json["allowedPattern"]?.text.map(TextPattern.init)
        allowedValues = json["allowedValues"]?.array?.compactMap(\.text) ?? []
        let least = Int(json["minItems"]?.integer ?? 0)
        itemCount = least...max(least, Int(json["maxItems"]?.integer ?? Int64(Int32.max)))
        let shortest = Int(json["minChars"]?.integer ?? 0)
        characterCount = shortest...max(shortest, Int(json["maxChars"]?.integer ?? Int64(Int32.max)))
    }

    /// Checks the values that a caller gives.
    /// - Throws: `InvalidParameters`.
    func check(_ values: [String]) throws(APIError) {
        switch kind {
        case .string:
            guard values.count == 1 else { throw problem("must have exactly one value") }
        case .stringList:
            guard itemCount.contains(values.count) else {
                throw problem("must have at least \(itemCount.lowerBound) and at most \(itemCount.upperBound) values")
            }
        }
        for value in values {
            guard characterCount.contains(value.unicodeScalars.count) else {
                throw problem("must have at most \(characterCount.upperBound) characters")
            }
            if let allowedPattern, !allowedPattern.matches(value) { throw problem("must match \(allowedPattern.text)") }
            guard allowedValues.isEmpty || allowedValues.contains(where: { $0.utf8.elementsEqual(value.utf8) }) else {
                throw problem("must be one of \(allowedValues.joined(separator: ", "))")
            }
        }
    }

    private func problem(_ what: String) -> APIError {
        APIError("InvalidParameters", "The value of the parameter \(name) is not valid: it \(what).")
    }
}
