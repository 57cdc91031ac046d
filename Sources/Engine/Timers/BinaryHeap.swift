/// A binary min-heap.
struct BinaryHeap<Element: Comparable> {
    private var elements: [Element] = []

    /// The smallest element, nil when there is none.
    var first: Element? { elements.first }

    /// How many elements there are.
    var count: Int { elements.count }

    /// Adds an element.
    mutating func insert(_ element: Element) {
        elements.append(element)
        var child = elements.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard elements[child] < elements[parent] else { return }
            elements.swapAt(child, parent)
            child = parent
        }
    }

    /// Removes the smallest element.
    @discardableResult
    mutating func popFirst() -> Element? {
        guard let smallest = elements.first, let last = elements.popLast() else { return nil }
        guard !elements.isEmpty else { return smallest }
        elements[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [parent * 2 + 1, parent * 2 + 2] where child < elements.count && elements[child] < elements[least] {
                least = child
            }
            guard least != parent else { return smallest }
            elements.swapAt(parent, least)
            parent = least
        }
    }
}
