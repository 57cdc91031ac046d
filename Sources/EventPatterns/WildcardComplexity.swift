/// How many ways a wildcard may be on at once while it reads a text.
///
/// After any text so far, a wildcard is at one or more of its places: at each `*` that it has passed, and wherever the bytes behind one fit.
/// AWS refuses patterns for which a text exists that brings them to too many places at once (EventBridge User Guide, "Using wildcard
/// characters": "Rule is too complex"); Event Ruler's evaluator of complexity counts alike.
enum WildcardComplexity {
    /// The most places at once.
    private static let limit = 10
    /// Sets of places that are looked at; a wildcard with more is too complex in any case.
    private static let setLimit = 5_000

    /// Whether no text brings a wildcard to more than `limit` places at once.
    /// - Parameter elements: its bytes; nil stands for `*`.
    static func isBounded(_ elements: [UInt8?]) -> Bool {
        guard elements.count(where: { $0 == nil }) > 1 else { return true }
        // Bytes that the wildcard does not name all act alike: as nil.
        let alphabet = Array(Set(elements))
        let start = closure([0], elements)
        var seen: Set<[Int]> = [start]
        var pending = [start]
        while let places = pending.popLast() {
            for byte in alphabet {
                let next = step(places, byte, elements)
                guard next.count <= limit, seen.count <= setLimit else { return false }
                if !next.isEmpty, seen.insert(next).inserted { pending.append(next) }
            }
        }
        return true
    }

    /// The places after one byte more, ascending.
    private static func step(_ places: [Int], _ byte: UInt8?, _ elements: [UInt8?]) -> [Int] {
        var next: [Int] = []
        for place in places {
            if place > 0, elements[place - 1] == nil { next.append(place) }
            if place < elements.count, let expected = elements[place], expected == byte { next.append(place + 1) }
        }
        return closure(next, elements)
    }

    /// The places, and those behind each `*` that takes nothing.
    private static func closure(_ places: [Int], _ elements: [UInt8?]) -> [Int] {
        var all = Set(places)
        for place in places where place < elements.count && elements[place] == nil { all.insert(place + 1) }
        return all.sorted()
    }
}
