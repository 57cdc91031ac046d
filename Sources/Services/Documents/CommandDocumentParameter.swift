import AWSProtocols
import JSONCore

/// A parameter that a document declares (Systems Manager User Guide, "Top-level data elements": `parameters`).
struct CommandDocumentParameter: Sendable {
    /// The types of command documents.
    enum Kind: String, Sendable, CaseIterable {
        case string = "String"
        case stringList = "StringList"
        case boolean = "Boolean"
        case integer = "Integer"
        case stringMap = "StringMap"
        case mapList = "MapList"
    }

    let name: String
    let kind: Kind
    let description: String?
    /// Nil for a parameter that callers must give.
    let defaultValue: JSONValue?
    /// Scripts get the value by an environment variable instead of by its text (`interpolationType: ENV_VAR`).
    let isEnvironmentVariable: Bool
    private let allowedPattern: TextPattern?
    private let allowedValues: [String]
    private let itemCount: ClosedRange<Int>
    private let characterCount: ClosedRange<Int>

    private static let members = [
        "type", "description", "default", "allowedValues", "allowedPattern", "displayType", "minItems", "maxItems", "minChars",
        "maxChars", "interpolationType",
    ]

    /// Reads a declaration.
    init(name: String, _ json: JSONValue) throws(DocumentFault) {
        let reader = try DocumentReader(json, path: "parameters.\(name)")
        guard !name.isEmpty, name.utf8.allSatisfy(CommandDocumentParameter.isName) else {
            throw reader.fault(nil, "is no name of a parameter: letters, digits, underscores and hyphens are allowed")
        }
        try reader.allow(CommandDocumentParameter.members)
        self.name = name
        kind = try reader.choice("type")
        description = try reader.optionalText("description")
        let (least, most) = (try reader.count("minItems"), try reader.count("maxItems"))
        let (shortest, longest) = (try reader.count("minChars"), try reader.count("maxChars"))
        guard least ?? 0 <= most ?? .max else { throw reader.fault("maxItems", "is less than minItems") }
        guard shortest ?? 0 <= longest ?? .max else { throw reader.fault("maxChars", "is less than minChars") }
        itemCount = (least ?? 0)...(most ?? .max)
        characterCount = (shortest ?? 0)...(longest ?? .max)
        if let pattern = try reader.optionalText("allowedPattern") {
            let compiled = TextPattern(pattern)
            guard compiled.isChecked else { throw reader.fault("allowedPattern", "is no regular expression that is supported") }
            allowedPattern = compiled
        } else {
            allowedPattern = nil
        }
        allowedValues = try reader.list("allowedValues").map(CommandDocumentParameter.text)
        let interpolation = try reader.optionalText("interpolationType")
        guard interpolation == nil || interpolation == "ENV_VAR" else { throw reader.fault("interpolationType", "must be ENV_VAR") }
        isEnvironmentVariable = interpolation != nil
        let display = try reader.optionalText("displayType")
        guard display == nil || display == "textfield" || display == "textarea" else {
            throw reader.fault("displayType", "must be textfield or textarea")
        }
        guard let preset = reader.value("default") else {
            defaultValue = nil
            return
        }
        guard let typed = kind.value(preset) else { throw reader.fault("default", "is no \(kind.rawValue)") }
        defaultValue = typed
        guard isAllowed(typed) || !Placeholders.names(in: typed).isEmpty else {
            throw reader.fault("default", "is not one of allowedValues")
        }
    }

    /// The default as DescribeDocument shows it; nil without one.
    var defaultText: String? { defaultValue.map(CommandDocumentParameter.text) }

    /// The value that a caller's texts stand for; what it must hold beyond its type is for `check` to say.
    /// - Throws: `InvalidParameters`.
    func value(of given: [String]) throws(APIError) -> JSONValue {
        switch kind {
        case .stringList:
            return .array(given.map { .text($0) })
        case .mapList:
            let parsed = given.map { try? JSONParser.parse($0) }
            if given.count == 1, let list = parsed[0]?.array { return .array(list) }
            guard parsed.allSatisfy({ $0?.object != nil }) else { throw problem("must have JSON objects as values") }
            return .array(parsed.compactMap(\.self))
        case .stringMap:
            guard given.count == 1, let map = try? JSONParser.parse(given[0]), map.object != nil else {
                throw problem("must have one JSON object as its value")
            }
            return map
        case .string, .boolean, .integer:
            guard given.count == 1 else { throw problem("must have exactly one value") }
            if Placeholders.whole(given[0]) != nil { return .text(given[0]) }
            guard let value = kind.value(.text(given[0])) else { throw problem("must be of type \(kind.rawValue)") }
            return value
        }
    }

    /// Checks a value, references filled in.
    /// - Throws: `InvalidParameters`.
    func check(_ value: JSONValue) throws(APIError) {
        if let list = value.array {
            guard itemCount.contains(list.count) else {
                throw problem("must have at least \(itemCount.lowerBound) and at most \(itemCount.upperBound) values")
            }
        }
        for text in CommandDocumentParameter.texts(value) {
            let count = text.unicodeScalars.count
            guard count >= characterCount.lowerBound else {
                throw problem("must have at least \(characterCount.lowerBound) characters")
            }
            guard count <= characterCount.upperBound else { throw problem("must have at most \(characterCount.upperBound) characters") }
            if let allowedPattern, !allowedPattern.matches(text) { throw problem("must match \(allowedPattern.text)") }
        }
        guard isAllowed(value) else { throw problem("must be one of \(allowedValues.joined(separator: ", "))") }
    }

    private func isAllowed(_ value: JSONValue) -> Bool {
        guard !allowedValues.isEmpty else { return true }
        let texts = value.object == nil ? CommandDocumentParameter.texts(value) : [CommandDocumentParameter.text(value)]
        return texts.allSatisfy { text in allowedValues.contains { $0.utf8.elementsEqual(text.utf8) } }
    }

    private func problem(_ what: String) -> APIError {
        APIError("InvalidParameters", "The value of the parameter \(name) is not valid: it \(what).")
    }

    /// What patterns and lengths are about: a scalar's text, the texts in a list.
    private static func texts(_ value: JSONValue) -> [String] {
        switch value {
        case .array(let elements): elements.map(text)
        case .object: []
        default: [text(value)]
        }
    }

    /// A scalar's text, anything else as JSON.
    private static func text(_ value: JSONValue) -> String { value.text ?? JSONWriter.text(of: value) }

    private static func isName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), 0x30...0x39, UInt8(ascii: "_"),
            UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

extension CommandDocumentParameter.Kind {
    /// A value of a document as this type; nil when it is none. Scalars stand for each other where that is unambiguous: YAML writes
    /// `3600` where a text is meant, callers write `true` as text.
    func value(_ value: JSONValue) -> JSONValue? {
        switch (self, value) {
        case (.string, .string), (.boolean, .bool), (.stringMap, .object): return value
        case (.string, .number), (.string, .bool): return .text(JSONWriter.text(of: value))
        case (.integer, .number(let number)): return number.integer.map { .integer($0) }
        case (.boolean, .string(let text)):
            return switch text.text.lowercased() {
            case "true": .bool(true)
            case "false": .bool(false)
            default: nil
            }
        case (.integer, .string(let text)): return Int64(text.text).map { .integer($0) }
        case (.stringList, .array(let elements)):
            guard elements.allSatisfy({ $0.object == nil && $0.array == nil && !$0.isNull }) else { return nil }
            return .array(elements.map { $0.text == nil ? .text(JSONWriter.text(of: $0)) : $0 })
        case (.stringList, .string): return .array([value])
        case (.mapList, .array(let elements)): return elements.allSatisfy { $0.object != nil } ? value : nil
        default: return nil
        }
    }
}
