import Store
import TimeSource

/// The timers of one clock that are in memory: all that are due before `end`, but a bounded number of them. The others are rows in
/// the database alone.
///
/// A timer that is disarmed stays in the heap and is noted; the notes are cleared before they are many. So a timer costs 16 bytes, and
/// what is here is bounded by the timers that live, not by how often they change. An entry too many, or the same one twice, is harmless:
/// who is woken for nothing looks, and does nothing. An entry too few would be a lost timer.
struct NearTimers {
    /// A timer in the order in which they come due, and in which the database has them.
    struct Entry: Comparable, Hashable {
        let due: Int64
        let execution: Int64

        static func < (left: Entry, right: Entry) -> Bool {
            left.due == right.due ? left.execution < right.execution : left.due < right.due
        }
    }

    /// How many are kept in memory; the horizon is as near as it takes.
    private let capacity: Int
    private var heap = BinaryHeap<Entry>()
    /// Disarmed, and perhaps still in the heap.
    private var disarmed: Set<Entry> = []
    /// The latest that was taken: what was due before it is out of the heap, nearly always.
    private var latestTaken = Entry(due: .min, execution: .min)
    /// The horizon: everything armed before it is in the heap.
    private(set) var end = Entry(due: .min, execution: .min)

    private static let fewestNotes = 1_024

    /// No timers, nothing known of the database.
    init(capacity: Int) {
        self.capacity = capacity
    }

    /// How many entries there are, of timers that were disarmed too.
    var count: Int { heap.count }

    /// When the next one is due, nil when none is in memory.
    var nextDue: Timestamp? { heap.first.map { Timestamp(milliseconds: $0.due) } }

    /// How many more are to be read, as far as `end` may be moved; none while enough are in memory.
    var room: Int { heap.count <= capacity / 2 ? capacity - heap.count : 0 }

    /// Takes a timer whose row is committed. True when it is the next one now.
    mutating func arm(_ entry: Entry) -> Bool {
        guard entry < end else { return false }
        let isNext = heap.first.map { entry < $0 } ?? true
        disarmed.remove(entry)
        // The wall clock was set back.
        if entry < latestTaken { latestTaken = entry }
        heap.insert(entry)
        if heap.count > capacity * 2 { cut(to: heap.element(ofRank: capacity)) }
        return isNext
    }

    /// Forgets a timer whose row is deleted.
    mutating func disarm(_ entry: Entry) {
        guard entry < end, latestTaken < entry else { return }
        disarmed.insert(entry)
        guard disarmed.count > max(NearTimers.fewestNotes, heap.count / 2) else { return }
        heap.removeAll { [disarmed] in disarmed.contains($0) }
        disarmed = []
    }

    /// Takes out what is due, at most `limit`.
    mutating func takeDue(_ now: Timestamp, limit: Int) -> [Entry] {
        var due: [Entry] = []
        while due.count < limit, let entry = heap.first, entry.due <= now.milliseconds {
            heap.popFirst()
            latestTaken = max(latestTaken, entry)
            if disarmed.remove(entry) == nil, due.last != entry { due.append(entry) }
        }
        return due
    }

    /// Moves the horizon away, before the database is read: what is armed meanwhile is either read or armed.
    mutating func extend(to end: Entry) {
        self.end = max(self.end, end)
    }

    /// Takes a timer that was read behind the former horizon. It may have been disarmed since it was read.
    mutating func add(_ entry: Entry) {
        guard entry < end else { return }
        heap.insert(entry)
    }

    /// Moves the horizon nearer. What lies behind it is left to the database.
    mutating func cut(to end: Entry) {
        guard end < self.end else { return }
        self.end = end
        heap.removeAll { !($0 < end) }
        disarmed = disarmed.filter { $0 < end }
    }
}
