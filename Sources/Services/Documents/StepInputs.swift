import AgentProtocol
import JSONCore

/// Typed access to the inputs of a step.
///
/// They are read twice by the same code: when a document is created, as a draft in which whatever a placeholder stands for is taken to be
/// right, and when a command is sent, filled in.
struct StepInputs {
    let reader: DocumentReader
    /// Placeholders have not been filled in yet.
    let isDraft: Bool

    init(_ object: JSONObject, path: String, isDraft: Bool) throws(DocumentFault) {
        reader = try DocumentReader(.object(object), path: path)
        self.isDraft = isDraft
    }

    /// A fault at an input.
    func fault(_ name: String, _ problem: String) -> DocumentFault { reader.fault(name, problem) }

    /// An input; nil when it is absent or null, or will only be known later.
    func value(_ name: String) -> JSONValue? {
        guard let value = reader.value(name) else { return nil }
        if isDraft, let text = value.text, !Placeholders.find(in: text).isEmpty { return nil }
        return value
    }

    /// A scalar as text; nil when it is empty, which stands for "not given".
    func text(_ name: String) throws(DocumentFault) -> String? {
        guard let value = value(name) else { return nil }
        guard let text = StepInputs.text(value) else { throw fault(name, "must be a string") }
        return text.isEmpty ? nil : text
    }

    /// A required list of texts; a single text is a list of one.
    func lines(_ name: String) throws(DocumentFault) -> [String] {
        guard reader.value(name) != nil else { throw fault(name, "is missing") }
        guard let value = value(name) else { return [] }
        guard let list = value.array else {
            guard let text = StepInputs.text(value) else { throw fault(name, "must be a list of strings") }
            return [text]
        }
        var lines: [String] = []
        for (index, element) in list.enumerated() {
            guard let line = StepInputs.text(element) else { throw fault("\(name)[\(index)]", "must be a string") }
            lines.append(line)
        }
        return lines
    }

    /// A whole number, also written as text; nil when it is not given.
    func integer(_ name: String, in range: ClosedRange<Int>) throws(DocumentFault) -> Int? {
        guard let text = try text(name) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw fault(name, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// A boolean, also written as text; nil when it is not given.
    func flag(_ name: String) throws(DocumentFault) -> Bool? {
        switch try text(name)?.lowercased() {
        case nil: nil
        case "true": true
        case "false": false
        default: throw fault(name, "must be true or false")
        }
    }

    /// One of these words; nil when it is not given.
    func word<Word: RawRepresentable & Sendable>(
        _ name: String, _ words: [Word]
    ) throws(DocumentFault) -> Word? where Word.RawValue == String {
        guard let text = try text(name) else { return nil }
        guard let word = words.first(where: { $0.rawValue == text }) else {
            throw fault(name, "must be one of \(words.map(\.rawValue).joined(separator: ", "))")
        }
        return word
    }

    /// Names with texts, in order; empty when it is not given. A draft leaves out what will only be known later.
    func pairs(_ name: String) throws(DocumentFault) -> [NamedValue] {
        guard let value = value(name), value.text?.isEmpty != true else { return [] }
        // A StringMap may come as JSON in a text: `{{ environment }}` inside a longer one.
        guard let object = value.object ?? value.text.flatMap({ try? JSONParser.parse($0) })?.object else {
            throw fault(name, "must be an object of strings")
        }
        var pairs: [NamedValue] = []
        for member in object.members {
            if isDraft, !Placeholders.names(in: member.value).isEmpty { continue }
            guard let text = StepInputs.text(member.value) else { throw fault("\(name).\(member.key.text)", "must be a string") }
            pairs.append(NamedValue(name: member.key.text, value: text))
        }
        return pairs
    }

    private static func text(_ value: JSONValue) -> String? {
        switch value {
        case .string(let string): string.text
        case .number, .bool: JSONWriter.text(of: value)
        default: nil
        }
    }
}
