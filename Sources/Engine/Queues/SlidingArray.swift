/// An array that loses elements at its front in constant time.
struct SlidingArray<Element> {
    private var elements: [Element] = []
    private var head = 0

    /// How many there are.
    var count: Int { elements.count - head }

    /// True when there is none.
    var isEmpty: Bool { head == elements.count }

    /// The first one.
    var first: Element? { head < elements.count ? elements[head] : nil }

    /// One by its distance from the front.
    subscript(index: Int) -> Element { elements[head + index] }

    /// Adds one at the end.
    mutating func append(_ element: Element) { elements.append(element) }

    /// Adds one before that of this distance from the front, in time proportional to what is behind it.
    mutating func insert(_ element: Element, at index: Int) {
        if index == 0, head > 0 {
            head -= 1
            elements[head] = element
        } else {
            elements.insert(element, at: head + index)
        }
    }

    /// Removes the first one.
    mutating func popFirst() -> Element? {
        guard head < elements.count else { return nil }
        let element = elements[head]
        head += 1
        if head == elements.count {
            elements.removeAll(keepingCapacity: elements.capacity <= 64)
            head = 0
        } else if head > 32, head > elements.count / 2 {
            elements.removeFirst(head)
            head = 0
        }
        return element
    }

    /// Removes one by its distance from the front, in time proportional to what is behind it.
    mutating func remove(at index: Int) {
        elements.remove(at: head + index)
        if head == elements.count { self = SlidingArray() }
    }

    /// Removes those that do not meet a condition.
    mutating func keep(where condition: (Element) -> Bool) {
        elements = elements[head...].filter(condition)
        head = 0
    }
}

extension SlidingArray where Element: Comparable {
    /// Adds one at its place in an array that is sorted.
    mutating func insertSorted(_ element: Element) {
        if let last = elements.last, head < elements.count, element < last {
            insert(element, at: place(of: element))
        } else {
            append(element)
        }
    }

    /// Removes one from an array that is sorted; nothing when it is not there.
    mutating func removeSorted(_ element: Element) {
        let place = place(of: element)
        if place < count, self[place] == element { remove(at: place) }
    }

    /// How many are smaller.
    private func place(of element: Element) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < element { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
