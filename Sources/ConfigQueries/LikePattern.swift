/// A pattern of LIKE: `%` stands for any text, `_` for one character.
package struct LikePattern: Hashable, Sendable {
    private let pattern: [Unicode.Scalar]

    /// A pattern of this text.
    package init(_ text: String) {
        pattern = Array(text.unicodeScalars)
    }

    /// Whether a whole text matches. The work is at most the product of both lengths.
    package func matches(_ text: String) -> Bool {
        let text = Array(text.unicodeScalars)
        var (position, inPattern) = (0, 0)
        // The last `%`, and how much of the text it stands for so far.
        var star: (pattern: Int, text: Int)?
        while position < text.count {
            if inPattern < pattern.count, pattern[inPattern] == "%" {
                star = (inPattern, position)
                inPattern += 1
            } else if inPattern < pattern.count, pattern[inPattern] == "_" || pattern[inPattern] == text[position] {
                position += 1
                inPattern += 1
            } else if let last = star {
                star = (last.pattern, last.text + 1)
                inPattern = last.pattern + 1
                position = last.text + 1
            } else {
                return false
            }
        }
        return pattern[inPattern...].allSatisfy { $0 == "%" }
    }
}
