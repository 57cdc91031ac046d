import JSONCore

/// An input template, taken apart at its variables: JSON, or lines of text in quotes, with `<name>` in it.
struct InputTemplate: Sendable {
    private enum Part: Sendable {
        /// Bytes that stay as they are.
        case literal([UInt8])
        /// A variable where JSON has a value.
        case value(String)
        /// A variable between the quotes of a JSON string.
        case insideString(String)
    }

    private let parts: [Part]
    /// Whether the template is text in quotes and not one JSON value with structure.
    private let isText: Bool

    /// The names of the variables, in order of appearance.
    var variables: [String] {
        parts.compactMap { part in
            switch part {
            case .literal: nil
            case .value(let name), .insideString(let name): name
            }
        }
    }

    /// Takes a template apart and checks that with any values in place it is JSON: one value, or lines of strings.
    init(parsing template: String) throws(InputTransformerError) {
        let bytes = Array(template.utf8)
        parts = Self.parts(of: bytes)
        isText = bytes.first { !Self.isSpace($0) } == UInt8(ascii: "\"")
        guard isText ? linesAreStrings : isValue else {
            throw InputTransformerError("The template is neither JSON nor text in double quotes.")
        }
    }

    /// The template with each variable replaced by its value; nil stands for an empty string.
    func text(_ value: (String) -> JSONValue?) -> String {
        String(decoding: bytes(value), as: UTF8.self)
    }

    /// Whether `name` can stand between angle brackets in a template.
    static func isVariableName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy(isNameByte)
    }

    private func bytes(_ value: (String) -> JSONValue?) -> [UInt8] {
        var out: [UInt8] = []
        for part in parts {
            switch part {
            case .literal(let bytes): out += bytes
            case .value(let name): JSONWriter.append(value(name) ?? "", to: &out)
            case .insideString(let name): appendInsideString(value(name) ?? "", to: &out)
            }
        }
        return out
    }

    /// Inside quotes a string loses its own. An object or array becomes its JSON text, whose quotes EventBridge drops in templates of
    /// text; in JSON they are escaped, since the result would not be JSON otherwise.
    private func appendInsideString(_ value: JSONValue, to out: inout [UInt8]) {
        var written: [UInt8] = []
        switch value {
        case .string(let string):
            JSONWriter.append(string, to: &written)
        case .object, .array:
            let text = JSONWriter.bytes(of: value)
            let kept = isText ? text.filter { $0 != UInt8(ascii: "\"") } : text
            JSONWriter.append(JSONString(unchecked: kept), to: &written)
        default:
            out += JSONWriter.bytes(of: value)
            return
        }
        out += written.dropFirst().dropLast()
    }

    private var isValue: Bool {
        // A number in place of each variable: it fits wherever a value may stand, and not where an object has its keys.
        (try? JSONParser.parse(bytes { _ in 0 })) != nil
    }

    private var linesAreStrings: Bool {
        let lines = bytes { _ in "" }.split { $0 == 0x0A || $0 == 0x0D }.filter { !$0.allSatisfy(Self.isSpace) }
        return lines.allSatisfy { line in
            guard let value = try? JSONParser.parse(Array(line)) else { return false }
            return value.string != nil
        }
    }

    private static func parts(of bytes: [UInt8]) -> [Part] {
        var parts: [Part] = []
        var literal: [UInt8] = []
        var isInString = false
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "<"), let close = closingBracket(bytes, after: index) {
                if !literal.isEmpty { parts.append(.literal(literal)) }
                literal = []
                let name = String(decoding: bytes[(index + 1)..<close], as: UTF8.self)
                parts.append(isInString ? .insideString(name) : .value(name))
                index = close + 1
                continue
            }
            literal.append(byte)
            if byte == UInt8(ascii: "\\"), isInString, index + 1 < bytes.count {
                index += 1
                literal.append(bytes[index])
            } else if byte == UInt8(ascii: "\"") {
                isInString.toggle()
            }
            index += 1
        }
        if !literal.isEmpty { parts.append(.literal(literal)) }
        return parts
    }

    /// Where the name that starts after `open` is closed; nil when what follows is no name, and the bracket thus is only a bracket.
    private static func closingBracket(_ bytes: [UInt8], after open: Int) -> Int? {
        guard let end = bytes[(open + 1)...].firstIndex(where: { !isNameByte($0) }), end > open + 1,
            bytes[end] == UInt8(ascii: ">")
        else { return nil }
        return end
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: false
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }
}
