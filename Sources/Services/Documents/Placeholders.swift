import JSONCore

/// Fills in `{{ name }}` as Systems Manager's agent does (amazon-ssm-agent, `docparser/parameters`).
///
/// A text that is nothing but a placeholder becomes the value, whatever its type; in a list a list's elements take the place. Inside a
/// longer text a value that is no text is written as JSON. What a value brings in is not looked at again, and a placeholder that stands
/// for nothing stays: braces are legal in scripts, and `{{ssm-secure:name}}` is filled in much later.
struct Placeholders: Sendable {
    /// What takes the place of a placeholder.
    struct Replacement: Sendable {
        /// Of a text that is nothing but the placeholder.
        let value: JSONValue
        /// Inside a longer text.
        let text: String

        /// A value, with the text that the agent makes of it.
        init(_ value: JSONValue) {
            self.value = value
            text = value.text ?? JSONWriter.text(of: value)
        }

        /// The value of a parameter of Parameter Store: one text, or the elements of a StringList, in a text with commas as it is stored.
        init(reference elements: [String]) {
            value = elements.count == 1 ? .text(elements[0]) : .array(elements.map { .text($0) })
            text = elements.joined(separator: ",")
        }
    }

    /// By what stands between the braces.
    var replacements: [String: Replacement]

    /// What stands for a reference to Parameter Store.
    static let referencePrefix = "ssm:"

    /// A value with its placeholders filled in; the names of members stay.
    func fill(_ value: JSONValue) -> JSONValue {
        switch value {
        case .string(let string): fill(string)
        case .array(let elements): .array(elements.flatMap(fillElement))
        case .object(let object): .object(JSONObject(object.members.map { ($0.key, fill($0.value)) }))
        default: value
        }
    }

    /// A text with its placeholders filled in as text.
    func fillText(_ text: String) -> String {
        var filled = ""
        var rest = text.startIndex
        for placeholder in Placeholders.find(in: text) {
            guard let replacement = replacements[placeholder.name] else { continue }
            filled += text[rest..<placeholder.range.lowerBound]
            filled += replacement.text
            rest = placeholder.range.upperBound
        }
        return filled + text[rest...]
    }

    private func fill(_ string: JSONString) -> JSONValue {
        let text = string.text
        if let name = Placeholders.whole(text), let replacement = replacements[name] { return replacement.value }
        let filled = fillText(text)
        return filled.utf8.count == text.utf8.count && filled == text ? .string(string) : .text(filled)
    }

    private func fillElement(_ element: JSONValue) -> [JSONValue] {
        let filled = fill(element)
        if case .string(let string) = element, Placeholders.whole(string.text) != nil, let list = filled.array { return list }
        return [filled]
    }

    // MARK: Finding

    /// A `{{ name }}` in a text; not necessarily one that stands for something.
    struct Placeholder {
        let name: String
        let range: Range<String.Index>
    }

    /// The name of the placeholder that a text is nothing but.
    static func whole(_ text: String) -> String? {
        guard text.hasPrefix("{{"), let first = find(in: text).first,
            first.range.lowerBound == text.startIndex, first.range.upperBound == text.endIndex
        else { return nil }
        return first.name
    }

    /// All placeholders of a text in order.
    static func find(in text: String) -> [Placeholder] {
        let bytes = text.utf8
        var found: [Placeholder] = []
        var index = bytes.startIndex
        while let open = bytes[index...].firstIndex(of: UInt8(ascii: "{")) {
            index = bytes.index(after: open)
            guard let placeholder = placeholder(in: text, at: open) else { continue }
            found.append(placeholder)
            index = placeholder.range.upperBound
        }
        return found
    }

    /// The placeholders of all texts in a value, in order.
    static func names(in value: JSONValue) -> [String] {
        switch value {
        case .string(let string): find(in: string.text).map(\.name)
        case .array(let elements): elements.flatMap(names)
        case .object(let object): object.members.flatMap { names(in: $0.value) }
        default: []
        }
    }

    private static func placeholder(in text: String, at start: String.Index) -> Placeholder? {
        let bytes = text.utf8
        var rest = bytes[start...]
        func take(_ mark: String) -> Bool {
            guard rest.starts(with: mark.utf8) else { return false }
            rest = rest.dropFirst(2)
            return true
        }
        guard take("{{") else { return nil }
        rest = rest.drop(while: isSpace)
        let name = rest.prefix(while: isName)
        rest = rest.dropFirst(name.count).drop(while: isSpace)
        guard !name.isEmpty, take("}}"), let text = String(name) else { return nil }
        return Placeholder(name: text, range: start..<rest.startIndex)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    private static func isName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), 0x30...0x39, UInt8(ascii: "_"),
            UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: "/"):
            true
        default: false
        }
    }
}
