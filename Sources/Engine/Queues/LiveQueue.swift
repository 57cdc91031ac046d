import Store
import TimeSource

/// One queue in memory: what its consumers get next, and who waits. Belongs to the engine's lock.
///
/// The table is the queue. Memory has a *window* of it: all messages up to `cursor`, but for some delayed ones that are read again when
/// they are due (`skipped`). What is sent is added at once while the window reaches to the end (`isWhole`) and has room; otherwise it is
/// read when the window has moved on. So a million waiting messages take no more memory than twenty thousand.
final class LiveQueue {
    /// The queue's id.
    let id: Int64
    /// Whether messages come in the order of their groups.
    let isFIFO: Bool
    /// How much of it is in memory.
    let limits: QueueWindowLimits
    /// The room for contents, shared with other queues.
    let budget: ByteBudget

    /// True once the window was read for the first time; before that nothing else below counts.
    var isLoaded = false
    /// True while a read is on its way.
    var isReading = false
    /// Changes when memory is thrown away; what was begun before that is not applied to it.
    var epoch = 0
    /// What was sent before loading began is counted by the read.
    var loadedFrom = Int64.max
    /// Batches on their way to the database.
    var pendingBatches = 0
    /// Such that delete or move messages which nobody receives.
    var housekeeping = 0
    /// When it was used last, in engine time.
    var usedAt = Timestamp.epoch
    /// The engine looks at it then.
    var alarmAt: Timestamp?
    /// Those who wait for messages.
    var consumers = ConsumerLine()
    /// Those who wait for `isLoaded`.
    var loaders: [CheckedContinuation<QueueError?, Never>] = []
    /// Senders of a FIFO queue who wait for what becomes of a duplicate's first message.
    var senders: [CheckedContinuation<SendOutcome, Never>] = []
    /// What was sent to a FIFO queue lately.
    var deduplication = MessageDeduplication()
    /// Receives of a FIFO queue that may be asked for again, by their attempt ids.
    var attempts: [String: ReceiveAttempt] = [:]

    /// What memory knows, by place.
    var messages: [Int64: LiveMessage] = [:]
    /// What the consumers of a standard queue get next; those that are not ready are passed over.
    var line = SlidingArray<Int64>()
    /// What the consumers of a FIFO queue get next.
    var groups = MessageGroups()
    /// When what is hidden becomes visible; what is out of date is passed over.
    var due = BinaryHeap<DueMessage>()
    /// How many rows there are; set right by the load.
    var total = 0
    /// Messages in memory that are ready.
    var ready = 0
    /// Messages in memory that consumers have.
    var inFlight = 0
    /// Messages in memory that are not yet shown.
    var delayed = 0
    /// Messages in memory that are being deleted or moved.
    var leaving = 0

    /// Up to and with this one memory knows all messages, but for the skipped ones.
    var cursor: Int64 = 0
    /// True when no row is behind the cursor, so that what is sent enters at once.
    var isWhole = false
    /// Up to and with this one all messages are purged.
    var floor: Int64
    /// Delayed messages that memory had no room for: the first, when they are to be read again, and how many.
    var skipped: (from: Int64, due: Timestamp, count: Int)?
    /// Sent while rows were read, which may be among those.
    var arrived: [Arrival] = []
    /// Deleted while rows were read, which may be among those.
    var gone: Set<Int64> = []
    /// Reads of rows by their keys that are on their way.
    var finds = 0
    /// Of the messages of the last read.
    var averageBytes = 1_024

    /// A message whose row is committed.
    struct Arrival {
        /// Its place.
        let sequence: Int64
        /// What is known of it.
        let message: LiveMessage
    }

    /// A queue that is not loaded yet.
    init(id: Int64, isFIFO: Bool, floor: Int64, limits: QueueWindowLimits, budget: ByteBudget) {
        self.id = id
        self.isFIFO = isFIFO
        self.floor = floor
        self.limits = limits
        self.budget = budget
    }

    /// Messages that can be received, as far as memory knows.
    var visible: Int { max(0, total - inFlight - delayed - leaving - (skipped?.count ?? 0)) }

    /// Delayed messages, as far as memory knows.
    var allDelayed: Int { delayed + (skipped?.count ?? 0) }

    /// True when nobody needs it in memory.
    var isIdle: Bool {
        pendingBatches == 0 && housekeeping == 0 && !isReading && finds == 0 && leaving == 0 && consumers.isEmpty && loaders.isEmpty
            && senders.isEmpty
    }

    /// True when no more messages may be in flight.
    var isFull: Bool { inFlight >= (isFIFO ? limits.orderedInFlight : limits.inFlight) }

    /// When something becomes visible next; nil when nothing does.
    func nextDue() -> Timestamp? {
        while let first = due.first, !isCurrent(first) { due.popFirst() }
        let first = due.first?.at
        guard let skippedDue = skipped?.due else { return first }
        return first.map { min($0, skippedDue) } ?? skippedDue
    }

    // MARK: Messages move

    /// The next message for the consumer being served; it counts as taken. `endServing` follows the last.
    func popReady() -> (sequence: Int64, message: LiveMessage)? {
        let sequence: Int64?
        if isFIFO {
            sequence = groups.popReady { messages[$0]?.place == .ready }
        } else {
            var next = line.popFirst()
            while let candidate = next, messages[candidate]?.place != .ready { next = line.popFirst() }
            sequence = next
        }
        guard let sequence, let message = messages[sequence] else { return nil }
        change(sequence, to: .taken)
        return (sequence, message)
    }

    /// Ends the serving of one consumer.
    func endServing() { groups.close() }

    /// A message that was ready or with a consumer is on its way out.
    func leave(_ sequence: Int64) { change(sequence, to: .leaving) }

    /// A message is with a consumer, durably: hidden until `visibleAt`.
    func hide(_ taken: TakenMessage, until visibleAt: Timestamp) {
        guard var message = messages[taken.sequence] else { return }
        count(message, -1)
        drop(&message)
        message.place = .hidden
        message.visibleAt = visibleAt
        message.receives = taken.receives
        message.nonce = taken.nonce
        message.firstReceivedAt = taken.firstReceivedAt
        messages[taken.sequence] = message
        count(message, 1)
        wake(taken.sequence, at: visibleAt)
    }

    /// A message is hidden until another time, unless it was received again or is being deleted.
    func changeVisibility(_ sequence: Int64, nonce: Int64, to visibleAt: Timestamp) {
        guard messages[sequence]?.nonce == nonce, messages[sequence]?.place == .hidden || messages[sequence]?.place == .leaving else {
            return
        }
        messages[sequence]?.visibleAt = visibleAt
        wake(sequence, at: visibleAt)
    }

    /// A message that is visible again is hidden once more by the consumer that had it last. Only of standard queues: the line may name it
    /// twice, and passes over what is not ready.
    func hideAgain(_ sequence: Int64, until visibleAt: Timestamp) {
        change(sequence, to: .hidden)
        messages[sequence]?.visibleAt = visibleAt
        wake(sequence, at: visibleAt)
    }

    /// The batch that was to take or delete a message was not applied: it is where it was.
    func putBack(_ sequence: Int64, hidden: Bool) {
        guard let message = messages[sequence] else { return }
        if hidden {
            change(sequence, to: .hidden)
            wake(sequence, at: message.visibleAt)
        } else {
            surface(sequence)
        }
    }

    /// The row of a message is gone.
    func remove(_ sequence: Int64) {
        if isReading || finds > 0 { gone.insert(sequence) }
        guard var message = messages.removeValue(forKey: sequence) else { return }
        count(message, -1)
        drop(&message)
        total -= 1
        guard let group = message.group else { return }
        if message.place == .ready || message.isDelayed {
            groups.remove(sequence, from: group)
        } else {
            groups.endBusy(of: group)
        }
    }

    /// Shows what is hidden no longer.
    func promote(at now: Timestamp) {
        while let first = due.first, first.at <= now {
            due.popFirst()
            if isCurrent(first) { surface(first.sequence) }
        }
        if let late = skipped, late.due <= now, !isReading {
            // Read once more from there; what memory knows is passed over.
            cursor = min(cursor, late.from - 1)
            isWhole = false
            skipped = nil
        }
    }

    /// A message is ready again, or for the first time.
    private func surface(_ sequence: Int64) {
        guard let message = messages[sequence] else { return }
        let wasDelayed = message.isDelayed
        change(sequence, to: .ready)
        guard let group = message.group else { return line.append(sequence) }
        if wasDelayed { return groups.offer(group) }
        groups.add(sequence, to: group)
        groups.endBusy(of: group)
    }

    private func change(_ sequence: Int64, to place: LiveMessage.Place) {
        guard let index = messages.index(forKey: sequence) else { return }
        count(messages.values[index], -1)
        messages.values[index].place = place
        count(messages.values[index], 1)
    }

    /// Counts a message in, or out, by its place.
    func count(_ message: LiveMessage, _ change: Int) {
        switch message.place {
        case .ready: ready += change
        case .leaving: leaving += change
        case .taken, .hidden:
            if message.isDelayed { delayed += change } else { inFlight += change }
        }
    }

    /// Gives back the room that a message's content takes.
    func drop(_ message: inout LiveMessage) {
        if let content = message.content { budget.giveBack(content.byteCount) }
        message.content = nil
    }

    /// Has a message looked at when it becomes visible.
    func wake(_ sequence: Int64, at instant: Timestamp) {
        due.insert(DueMessage(at: instant, sequence: sequence))
        // Deleted messages leave theirs behind.
        if due.count > 2 * messages.count + 1_024 {
            due.removeAll { !isCurrent($0) }
        }
    }

    private func isCurrent(_ due: DueMessage) -> Bool {
        guard let message = messages[due.sequence] else { return false }
        return message.place == .hidden && message.visibleAt == due.at
    }
}
