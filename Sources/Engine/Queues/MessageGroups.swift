/// The message groups of a FIFO queue: which message comes next.
///
/// A group of which a message is with a consumer waits until that is deleted or comes back, so that order holds
/// (Amazon SQS Developer Guide, "FIFO queue delivery logic").
struct MessageGroups {
    private struct Group {
        /// Not with consumers, in their order; some may be delayed.
        var pending = SlidingArray<Int64>()
        /// How many are with consumers or on their way.
        var busy = 0
    }

    /// A group whose first message may be ready.
    private struct Candidate: Comparable {
        let head: Int64
        let group: String

        static func < (left: Candidate, right: Candidate) -> Bool { left.head < right.head }
    }

    private var groups: [String: Group] = [:]
    private var candidates = BinaryHeap<Candidate>()
    /// The group from which a consumer is being served: what one consumer gets at once keeps the order.
    private var open: String?

    /// Adds a message that no consumer has; also one that comes back.
    mutating func add(_ sequence: Int64, to name: String) {
        groups[name, default: Group()].pending.insertSorted(sequence)
        // Behind another one it changes nothing.
        if groups[name]?.pending.first == sequence { offer(name) }
    }

    /// Counts a message that a consumer has.
    mutating func addBusy(to name: String) {
        groups[name, default: Group()].busy += 1
    }

    /// Ends the part of a message that a consumer had: it is gone, or was added again.
    mutating func endBusy(of name: String) {
        groups[name]?.busy -= 1
        offer(name)
    }

    /// Removes a message that no consumer has.
    mutating func remove(_ sequence: Int64, from name: String) {
        groups[name]?.pending.removeSorted(sequence)
        offer(name)
    }

    /// Takes up a group again whose first message has become visible.
    mutating func offer(_ name: String) {
        guard let group = groups[name], group.busy == 0 else { return }
        if let head = group.pending.first {
            candidates.insert(Candidate(head: head, group: name))
        } else {
            groups[name] = nil
        }
    }

    /// The next message for the consumer being served, counted as busy: as many as possible of one group, then of the next.
    mutating func popReady(_ isReady: (Int64) -> Bool) -> Int64? {
        if let open, let head = groups[open]?.pending.first, isReady(head) { return pop(open) }
        open = nil
        while let candidate = candidates.first {
            candidates.popFirst()
            guard let group = groups[candidate.group], group.busy == 0, let head = group.pending.first, head == candidate.head,
                isReady(head)
            else { continue }
            open = candidate.group
            return pop(candidate.group)
        }
        return nil
    }

    /// Whether a consumer would get something.
    mutating func hasReady(_ isReady: (Int64) -> Bool) -> Bool {
        while let candidate = candidates.first {
            if let group = groups[candidate.group], group.busy == 0, group.pending.first == candidate.head, isReady(candidate.head) {
                return true
            }
            candidates.popFirst()
        }
        return false
    }

    /// Ends the serving of one consumer.
    mutating func close() { open = nil }

    private mutating func pop(_ name: String) -> Int64? {
        groups[name]?.busy += 1
        return groups[name]?.pending.popFirst()
    }
}
