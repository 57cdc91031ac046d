/// A binary heap: the element that precedes all others is at hand.
struct Heap<Element> {
    /// All elements, in no useful order.
    private(set) var elements: [Element]
    private let precedes: (Element, Element) -> Bool

    /// A heap of these elements, made in linear time.
    init(_ elements: [Element] = [], precedes: @escaping (Element, Element) -> Bool) {
        self.elements = elements
        self.precedes = precedes
        for index in stride(from: elements.count / 2 - 1, through: 0, by: -1) { sink(index) }
    }

    /// The element that precedes all others.
    var first: Element? { elements.first }
    /// How many elements there are.
    var count: Int { elements.count }

    /// Adds an element.
    mutating func insert(_ element: Element) {
        elements.append(element)
        var child = elements.count - 1
        while child > 0, precedes(elements[child], elements[(child - 1) / 2]) {
            elements.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Takes the first element out.
    @discardableResult
    mutating func removeFirst() -> Element? {
        guard let first = elements.first, let last = elements.popLast() else { return nil }
        if !elements.isEmpty {
            elements[0] = last
            sink(0)
        }
        return first
    }

    private mutating func sink(_ start: Int) {
        var parent = start
        while true {
            var best = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < elements.count && precedes(elements[child], elements[best]) {
                best = child
            }
            guard best != parent else { return }
            elements.swapAt(parent, best)
            parent = best
        }
    }
}
