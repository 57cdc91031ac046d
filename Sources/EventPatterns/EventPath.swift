package import JSONCore

/// A path into an event, in the small part of JSONPath that EventBridge takes for `InputPath` and `InputPathsMap`:
/// `$`, `$.detail-type`, `$.detail.items[0].name`, `$.resources[*]`, `$['a name']`.
package struct EventPath: Hashable, Sendable {
    private enum Step: Hashable, Sendable {
        case member(JSONString)
        case element(Int)
        case allElements
    }

    private let steps: [Step]

    /// Parses a path; nil when it is none.
    package init?(parsing text: String) {
        let bytes = Array(text.utf8)
        guard bytes.first == UInt8(ascii: "$") else { return nil }
        var steps: [Step] = []
        var index = 1
        while index < bytes.count {
            guard let step = Self.step(bytes, &index) else { return nil }
            steps.append(step)
        }
        self.steps = steps
    }

    /// What the path leads to, or nil when that does not exist. `[*]` gives the array of all that was found behind it.
    package func value(in event: JSONValue) -> JSONValue? {
        Self.value(at: steps[...], in: event)
    }

    private static func value(at steps: ArraySlice<Step>, in value: JSONValue) -> JSONValue? {
        guard let step = steps.first else { return value }
        let rest = steps.dropFirst()
        switch step {
        case .member(let name):
            return value.object?[name].flatMap { self.value(at: rest, in: $0) }
        case .element(let index):
            guard let array = value.array, array.indices.contains(index) else { return nil }
            return self.value(at: rest, in: array[index])
        case .allElements:
            return value.array.map { array in .array(array.compactMap { self.value(at: rest, in: $0) }) }
        }
    }

    private static func step(_ bytes: [UInt8], _ index: inout Int) -> Step? {
        switch bytes[index] {
        case UInt8(ascii: "."):
            let name = bytes[(index + 1)...].prefix { $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: "[") }
            guard !name.isEmpty else { return nil }
            index = name.endIndex
            return .member(JSONString(unchecked: Array(name)))
        case UInt8(ascii: "["):
            guard let close = closingBracket(bytes, after: index) else { return nil }
            let inside = bytes[(index + 1)..<close]
            index = close + 1
            if inside.elementsEqual("*".utf8) { return .allElements }
            if let quote = inside.first, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") {
                return .member(JSONString(unchecked: Array(inside.dropFirst().dropLast())))
            }
            guard !inside.isEmpty, inside.allSatisfy({ (0x30...0x39).contains($0) }),
                let number = Int(String(decoding: inside, as: UTF8.self))
            else { return nil }
            return .element(number)
        default:
            return nil
        }
    }

    /// The bracket that closes the one at `open`; behind a quote it is the one after the next such quote.
    private static func closingBracket(_ bytes: [UInt8], after open: Int) -> Int? {
        var index = open + 1
        guard index < bytes.count else { return nil }
        let first = bytes[index]
        if first == UInt8(ascii: "'") || first == UInt8(ascii: "\"") {
            guard let quote = bytes[(index + 1)...].firstIndex(of: first) else { return nil }
            index = quote + 1
            return index < bytes.count && bytes[index] == UInt8(ascii: "]") ? index : nil
        }
        return bytes[index...].firstIndex(of: UInt8(ascii: "]"))
    }
}
