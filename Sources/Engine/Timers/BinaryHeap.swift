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
        siftDown(0)
        return smallest
    }

    /// Removes those that meet a condition, in time proportional to how many there are.
    mutating func removeAll(where condition: (Element) -> Bool) {
        elements.removeAll(where: condition)
        for parent in stride(from: elements.count / 2 - 1, through: 0, by: -1) { siftDown(parent) }
    }

    /// The element that `rank` others are smaller than, in time proportional to how many there are; `rank` is below `count`.
    func element(ofRank rank: Int) -> Element {
        var rest = elements
        var rank = rank
        while rest.count > 64 {
            let middle = [rest[0], rest[rest.count / 2], rest[rest.count - 1]].sorted()[1]
            let smaller = rest.filter { $0 < middle }
            if rank < smaller.count {
                rest = smaller
                continue
            }
            let larger = rest.filter { middle < $0 }
            let equal = rest.count - smaller.count - larger.count
            if rank < smaller.count + equal { return middle }
            rank -= smaller.count + equal
            rest = larger
        }
        return rest.sorted()[rank]
    }

    private mutating func siftDown(_ start: Int) {
        var parent = start
        while true {
            var least = parent
            let left = parent * 2 + 1
            if left < elements.count, elements[left] < elements[least] { least = left }
            if left + 1 < elements.count, elements[left + 1] < elements[least] { least = left + 1 }
            guard least != parent else { return }
            elements.swapAt(parent, least)
            parent = least
        }
    }
}
