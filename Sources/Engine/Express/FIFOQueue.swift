/// A queue: first in, first out, both in constant time on average.
struct FIFOQueue<Element> {
    /// The front, its first element last.
    private var front: [Element] = []
    private var back: [Element] = []

    /// True when nothing is in it.
    var isEmpty: Bool { front.isEmpty && back.isEmpty }

    /// Adds an element at the end.
    mutating func append(_ element: Element) {
        back.append(element)
    }

    /// Removes the first element, nil when there is none.
    mutating func popFirst() -> Element? {
        if front.isEmpty {
            front = back.reversed()
            back.removeAll(keepingCapacity: true)
        }
        return front.popLast()
    }
}
