/// A text in which each `*` stands for any characters, also none. `\*` and `\\` stand for the characters themselves.
struct Wildcard: Hashable, Sendable {
    private enum Element: Hashable, Sendable {
        case byte(UInt8)
        case anything
    }

    private let elements: [Element]

    /// Reads a wildcard pattern, in UTF-8. Errors name places as AWS does, which counts the quote before the pattern.
    init(_ pattern: [UInt8]) throws(EventPatternError) {
        var elements: [Element] = []
        var index = 0
        while index < pattern.count {
            let byte = pattern[index]
            if byte == UInt8(ascii: "*") {
                guard elements.last != .anything else {
                    throw EventPatternError("Consecutive wildcard characters at pos \(index)")
                }
                elements.append(.anything)
            } else if byte == UInt8(ascii: "\\") {
                index += 1
                guard index < pattern.count, pattern[index] == UInt8(ascii: "*") || pattern[index] == byte else {
                    throw EventPatternError("Invalid escape character at pos \(index)")
                }
                elements.append(.byte(pattern[index]))
            } else {
                elements.append(.byte(byte))
            }
            index += 1
        }
        self.elements = elements
        guard WildcardComplexity.isBounded(elements.map { if case .byte(let byte) = $0 { byte } else { nil } }) else {
            throw EventPatternError(
                """
                Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard \
                character
                """)
        }
    }

    /// Whether the whole text is as described.
    ///
    /// Each `*` first takes nothing and then, when the rest does not fit, one byte more; only the latest one has to, so that the time is at
    /// most the product of both lengths.
    func matches(_ text: [UInt8]) -> Bool {
        var (position, element) = (0, 0)
        var retry: (position: Int, element: Int)?
        while position < text.count {
            if element < elements.count, elements[element] == .anything {
                retry = (position, element + 1)
                element += 1
            } else if element < elements.count, elements[element] == .byte(text[position]) {
                position += 1
                element += 1
            } else if let last = retry {
                retry = (last.position + 1, last.element)
                (position, element) = (last.position + 1, last.element)
            } else {
                return false
            }
        }
        return elements[element...].allSatisfy { $0 == .anything }
    }
}
