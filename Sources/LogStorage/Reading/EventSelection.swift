/// The events of a page in the making: of all offered, those that come first in the reading direction, as many as a page holds.
struct EventSelection {
    /// An event on the page.
    struct Item {
        var position: EventPosition
        var ingestedAt: Int64
        var stream: Int
        var message: [UInt8]
    }

    private let isForward: Bool
    private let limit: Int
    private let byteLimit: Int
    /// The item read last of all is on top.
    private var heap: Heap<Item>
    private var bytes = 0
    /// Whether an event had to be left out.
    private(set) var isTruncated = false

    /// An empty page with room for `limit` events and about `byteLimit` bytes of messages.
    init(isForward: Bool, limit: Int, byteLimit: Int) {
        (self.isForward, self.limit, self.byteLimit) = (isForward, limit, byteLimit)
        heap = Heap { isForward ? $0.position > $1.position : $0.position < $1.position }
    }

    /// Whether the page is full; then only what comes before its last item matters.
    var isFull: Bool { heap.count >= limit || bytes >= byteLimit }

    /// The item of the page that is read last.
    var last: Item? { heap.first }

    /// Whether an event at this place would be on the page, for all that is known so far.
    func wants(_ position: EventPosition) -> Bool {
        guard isFull, let last = heap.first else { return true }
        return isForward ? position < last.position : position > last.position
    }

    /// Marks that there is more than the page holds.
    mutating func noteMore() { isTruncated = true }

    /// Puts an event on the page and those off that have no room any more.
    mutating func insert(_ item: Item) {
        heap.insert(item)
        bytes += item.message.count
        // The page may exceed its bytes by the part of one event, so that a large one is not in the way for ever.
        while let last = heap.first, heap.count > limit || (bytes - last.message.count >= byteLimit && heap.count > 1) {
            heap.removeFirst()
            bytes -= last.message.count
            isTruncated = true
        }
    }

    /// The items from the earliest to the latest.
    var sorted: [Item] { heap.elements.sorted { $0.position < $1.position } }
}
