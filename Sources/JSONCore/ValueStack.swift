/// A stack from whose top arrays of exact size are made, so that parsing an array allocates once and copies nothing.
struct ValueStack<Element>: ~Copyable {
    private var base: UnsafeMutablePointer<Element>
    private var capacity: Int
    private(set) var count = 0

    /// An empty stack with room for `capacity` elements.
    init(capacity: Int) {
        base = .allocate(capacity: capacity)
        self.capacity = capacity
    }

    deinit {
        base.deinitialize(count: count)
        base.deallocate()
    }

    /// Puts an element on the top.
    mutating func push(_ element: consuming Element) {
        if count == capacity { grow() }
        (base + count).initialize(to: element)
        count += 1
    }

    /// The element at this position from the bottom.
    subscript(position: Int) -> Element {
        precondition(position < count, "the position lies above the top")
        return base[position]
    }

    /// Takes everything from `start` to the top away as an array.
    mutating func popArray(from start: Int) -> [Element] {
        precondition(start <= count, "the array begins above the top")
        let length = count - start
        if length == 0 { return [] }
        let source = base + start
        count = start
        return Array(unsafeUninitializedCapacity: length) { buffer, initialized in
            buffer.baseAddress?.moveInitialize(from: source, count: length)
            initialized = length
        }
    }

    private mutating func grow() {
        let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity * 2)
        larger.moveInitialize(from: base, count: count)
        base.deallocate()
        base = larger
        capacity *= 2
    }
}
