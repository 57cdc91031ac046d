import JSONCore

/// The intrinsic functions on arrays; each answers nil when an argument is not what it takes.
///
/// Source: Developer Guide, "Intrinsics for arrays"; numbers with a fraction are cut off, not rounded, on AWS.
enum ArrayFunctions {
    /// How many elements `States.ArrayRange` may make.
    static let rangeLimit = 1000

    /// The array in pieces of `size` elements, the last one possibly shorter.
    static func partition(_ array: JSONValue, size: JSONValue) -> JSONValue? {
        guard let elements = array.array, let size = MathFunctions.truncated(size), size > 0 else { return nil }
        var pieces: [JSONValue] = []
        var start = 0
        while start < elements.count {
            let end = start + min(size, elements.count - start)
            pieces.append(.array(Array(elements[start..<end])))
            start = end
        }
        return .array(pieces)
    }

    /// Whether an element's text is the value's text: AWS finds `true` in `["true"]`, and no object whose members stand in
    /// another order.
    static func contains(_ array: JSONValue, _ value: JSONValue) -> JSONValue? {
        guard let elements = array.array else { return nil }
        let text = JavaText.text(of: value)
        return .bool(elements.contains { JavaText.text(of: $0) == text })
    }

    /// The numbers from `start` to `end`, both included, in steps of `step`.
    static func range(from start: JSONValue, to end: JSONValue, by step: JSONValue) -> JSONValue? {
        guard let start = MathFunctions.truncated(start), let end = MathFunctions.truncated(end),
            let step = MathFunctions.truncated(step), step != 0
        else { return nil }
        var numbers: [JSONValue] = []
        var next = start
        while step > 0 ? next <= end : next >= end {
            guard numbers.count < rangeLimit else { return nil }
            numbers.append(.integer(next))
            next += step
        }
        return .array(numbers)
    }

    /// The element at an index from zero; null for an empty array, as on AWS.
    static func item(of array: JSONValue, at index: JSONValue) -> JSONValue? {
        guard let elements = array.array, let index = MathFunctions.truncated(index) else { return nil }
        if elements.isEmpty { return .null }
        guard index >= 0, index < elements.count else { return nil }
        return elements[index]
    }
}
