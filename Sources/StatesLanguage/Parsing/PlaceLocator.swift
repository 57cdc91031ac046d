import JSONCore

/// Finds where in a definition's text a place begins, for the line and column of a finding.
///
/// Only findings need it, so positions are not kept while parsing: the locator scans the text, which is known to be JSON.
struct PlaceLocator {
    private let text: [UInt8]
    private var index = 0

    init(text: [UInt8]) { self.text = text }

    /// One-based line and column of a byte.
    static func position(of offset: Int, in text: [UInt8]) -> (line: Int, column: Int) {
        JSONParseError(reason: .unexpectedCharacter, offset: offset).position(in: text)
    }

    /// The byte where the place's key begins (an element's value for an array), or the nearest enclosing place that exists.
    static func offset(of place: DefinitionPlace, in text: [UInt8]) -> Int {
        var locator = PlaceLocator(text: text)
        locator.skipSpace()
        var found = locator.index
        for step in place.walk {
            guard let next = locator.enter(step) else { return found }
            found = next
        }
        return found
    }

    /// Moves to the value of the step; answers where its key, or its value in an array, begins.
    private mutating func enter(_ step: PlaceStep) -> Int? {
        skipSpace()
        guard index < text.count else { return nil }
        switch (step, text[index]) {
        case (.member(let key), UInt8(ascii: "{")): return enterMember(key)
        case (.element(let position), UInt8(ascii: "[")): return enterElement(position)
        default: return nil
        }
    }

    private mutating func enterMember(_ key: JSONString) -> Int? {
        index += 1
        while true {
            skipSpace()
            guard index < text.count, text[index] == UInt8(ascii: "\"") else { return nil }
            let begin = index
            skipValue()
            let name = (try? JSONParser.parse(Array(text[begin..<index])))?.string
            skipSpace()
            index += 1
            skipSpace()
            if name == key { return begin }
            skipValue()
            skipSpace()
            guard index < text.count, text[index] == UInt8(ascii: ",") else { return nil }
            index += 1
        }
    }

    private mutating func enterElement(_ position: Int) -> Int? {
        index += 1
        var current = 0
        while true {
            skipSpace()
            guard index < text.count, text[index] != UInt8(ascii: "]") else { return nil }
            if current == position { return index }
            skipValue()
            skipSpace()
            guard index < text.count, text[index] == UInt8(ascii: ",") else { return nil }
            index += 1
            current += 1
        }
    }

    private mutating func skipSpace() {
        while index < text.count {
            switch text[index] {
            case 0x20, 0x09, 0x0A, 0x0D: index += 1
            default: return
            }
        }
    }

    private mutating func skipValue() {
        var depth = 0
        repeat {
            skipSpace()
            guard index < text.count else { return }
            switch text[index] {
            case UInt8(ascii: "\""): skipString()
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                index += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                index += 1
            case UInt8(ascii: ","), UInt8(ascii: ":"):
                index += 1
            default:
                // A number or a word: up to what may follow it.
                index += 1
                while index < text.count, text[index] > 0x2C || text[index] == 0x2B, text[index] < 0x7B, text[index] != 0x5D,
                    text[index] != 0x3A
                { index += 1 }
            }
        } while depth > 0
    }

    private mutating func skipString() {
        index += 1
        while index < text.count, text[index] != UInt8(ascii: "\"") {
            index += text[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        index += 1
    }
}
