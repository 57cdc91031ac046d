import Store
import TimeSource

/// One queue in memory: what its consumers get next, and who waits. Belongs to the engine's lock.
///
/// The table is the queue. Memory has a *window* of it: all messages up to `cursor`, but for some delayed ones that are read again when
/// they are due (`skipped`). What is sent is added at once while the window reaches to the end (`isWhole`) and has room; otherwise it is
/// read when the window has moved on. So a million waiting messages take no more memory than twenty thousand.
final class LiveQueue {
    /// Messages of which a consumer may have so many at once (Amazon SQS Developer Guide, "Quotas").
    static let inFlightLimit = 120_000
    static let orderedInFlightLimit = 20_000

    let id: Int64
    let isFIFO: Bool
    private let limits: QueueWindowLimits
    private let budget: ByteBudget

    /// True once the window was read for the first time; before that nothing else below counts.
    private(set) var isLoaded = false
    /// True while a read is on its way.
    var isReading = false
    /// Changes when memory is thrown away; what was begun before that is not applied to it.
    private(set) var epoch = 0
    /// What was sent before loading began is counted by the read.
    private(set) var loadedFrom = Int64.max
    /// Batches on their way to the database.
    var pendingBatches = 0
    /// Such that delete or move messages which nobody receives.
    var housekeeping = 0
    /// When it was used last, in engine time.
    var usedAt = Timestamp.epoch
    /// The engine looks at it then.
    var alarmAt: Timestamp?
    var consumers = ConsumerLine()
    /// Those who wait for `isLoaded`.
    var loaders: [CheckedContinuation<QueueError?, Never>] = []
    /// Senders of a FIFO queue who wait for what becomes of a duplicate's first message.
    var senders: [CheckedContinuation<SendOutcome, Never>] = []
    var deduplication = MessageDeduplication()
    var attempts: [String: ReceiveAttempt] = [:]

    private(set) var messages: [Int64: LiveMessage] = [:]
    private var line = SlidingArray<Int64>()
    private var groups = MessageGroups()
    private var due = BinaryHeap<DueMessage>()
    /// How many rows there are; set right by the load.
    var total = 0
    private(set) var ready = 0
    private(set) var inFlight = 0
    private(set) var delayed = 0
    private(set) var leaving = 0

    private(set) var cursor: Int64 = 0
    private(set) var isWhole = false
    /// Up to and with this one all messages are purged.
    private(set) var floor: Int64
    private var skipped: (from: Int64, due: Timestamp, count: Int)?
    /// Sent while rows were read, which may be among those.
    private var arrived: [Arrival] = []
    /// Deleted while rows were read, which may be among those.
    private var gone: Set<Int64> = []
    /// Reads of rows by their keys that are on their way.
    private var finds = 0
    private var averageBytes = 1_024

    private struct Arrival {
        let sequence: Int64
        let message: LiveMessage
    }

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
    var isFull: Bool { inFlight >= (isFIFO ? LiveQueue.orderedInFlightLimit : LiveQueue.inFlightLimit) }

    /// When something becomes visible next; nil when nothing does.
    func nextDue() -> Timestamp? {
        while let first = due.first, !isCurrent(first) { due.popFirst() }
        let first = due.first?.at
        guard let skippedDue = skipped?.due else { return first }
        return first.map { min($0, skippedDue) } ?? skippedDue
    }

    // MARK: Messages come

    /// Takes a message whose row is committed: sent, or moved here.
    func arrive(_ sequence: Int64, _ message: LiveMessage, at now: Timestamp) {
        if sequence > loadedFrom || isLoaded { total += 1 }
        if isReading {
            arrived.append(Arrival(sequence: sequence, message: message))
        } else {
            enter(sequence, message, at: now)
        }
    }

    private func enter(_ sequence: Int64, _ message: LiveMessage, at now: Timestamp) {
        guard isLoaded, isWhole, sequence > cursor, messages[sequence] == nil else { return }
        guard ready < limits.ready, !isFIFO || messages.count < limits.ordered else {
            isWhole = false
            return
        }
        cursor = sequence
        add(sequence, message, at: now)
    }

    /// Adds a message that memory does not know.
    private func add(_ sequence: Int64, _ message: LiveMessage, at now: Timestamp) {
        var message = message
        message.place = message.visibleAt > now ? .hidden : .ready
        if message.isDelayed, !isFIFO, delayed >= limits.delayed {
            let first = skipped ?? (sequence, message.visibleAt, 0)
            skipped = (min(first.from, sequence), min(first.due, message.visibleAt), first.count + 1)
            return
        }
        if let content = message.content, message.isInFlight || !budget.take(content.byteCount) { message.content = nil }
        messages[sequence] = message
        count(message, 1)
        if message.place == .hidden { wake(sequence, at: message.visibleAt) }
        guard let group = message.group else {
            if message.place == .ready { line.append(sequence) }
            return
        }
        if message.isInFlight { groups.addBusy(to: group) } else { groups.add(sequence, to: group) }
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
        guard messages[sequence]?.nonce == nonce, messages[sequence]?.place == .hidden || messages[sequence]?.place == .leaving else { return }
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

    private func count(_ message: LiveMessage, _ change: Int) {
        switch message.place {
        case .ready: ready += change
        case .leaving: leaving += change
        case .taken, .hidden:
            if message.isDelayed { delayed += change } else { inFlight += change }
        }
    }

    private func drop(_ message: inout LiveMessage) {
        if let content = message.content { budget.giveBack(content.byteCount) }
        message.content = nil
    }

    private func wake(_ sequence: Int64, at instant: Timestamp) {
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

    // MARK: The window

    /// True when more rows should be read.
    var wantsRead: Bool {
        guard !isReading else { return false }
        guard isLoaded else { return true }
        guard !isWhole else { return false }
        guard isFIFO else { return ready < limits.low }
        // What is ready may be of groups that wait: then consumers get what comes behind it.
        return messages.count < limits.ordered && (ready < limits.low || !groups.hasReady { messages[$0]?.place == .ready })
    }

    /// True when a consumer that finds nothing may find something in a moment.
    var isUnsettled: Bool { isReading || housekeeping > 0 }

    /// How many rows are to be read next, and whether with their contents.
    var readPlan: (limit: Int, withContent: Bool) {
        guard isLoaded else { return (256, true) }
        guard averageBytes <= 16_384 else { return (limits.page, false) }
        return (max(64, min(limits.page, limits.pageBytes / averageBytes)), true)
    }

    /// Begins the first read: what is sent from now on is behind `last`.
    func beginLoad(after last: Int64) {
        isReading = true
        loadedFrom = last
        cursor = floor
    }

    /// Takes the rows that were read behind the cursor, in their order.
    func endRead(_ rows: [StoredMessage], isLast: Bool, at now: Timestamp) {
        isReading = false
        isLoaded = true
        var bytes = 0
        for row in rows where row.sequence > floor {
            bytes += row.content?.byteCount ?? 0
            if messages[row.sequence] == nil, !gone.contains(row.sequence) { add(row.sequence, LiveMessage(row, isFIFO: isFIFO), at: now) }
        }
        if bytes > 0, !rows.isEmpty { averageBytes = max(64, bytes / rows.count) }
        if let last = rows.last { cursor = max(cursor, last.sequence) }
        isWhole = isLast
        if finds == 0 { gone = [] }
        let late = arrived
        arrived = []
        for arrival in late where arrival.sequence > floor { enter(arrival.sequence, arrival.message, at: now) }
    }

    /// Begins to read rows by their keys, for receipt handles.
    func beginFind() { finds += 1 }

    /// Takes the rows that were read by their keys.
    func endFind(_ rows: [StoredMessage], at now: Timestamp) {
        finds -= 1
        for row in rows where row.sequence > floor && messages[row.sequence] == nil && !gone.contains(row.sequence) {
            add(row.sequence, LiveMessage(row, isFIFO: isFIFO), at: now)
        }
        if finds == 0, !isReading { gone = [] }
    }

    /// Whether memory knows all there is: a message that it does not know is deleted.
    var knowsAll: Bool { isLoaded && isWhole && skipped == nil }

    /// Ends a read that failed; the next one begins where it did.
    func failRead() {
        isReading = false
        if finds == 0 { gone = [] }
        // What came meanwhile is behind the cursor.
        if !arrived.isEmpty { isWhole = false }
        arrived = []
        guard !isLoaded else { return }
        loadedFrom = .max
        total = 0
    }

    /// All messages up to and with `last` are purged.
    func purge(upTo last: Int64) {
        floor = max(floor, last)
        forgetMessages()
        cursor = floor
        isWhole = isLoaded
        total = 0
    }

    /// Messages up to and with `last` were deleted because their time is over, so many.
    func expire(upTo last: Int64, deleted: Int) {
        let known = messages.keys.filter { $0 <= last }
        for sequence in known { remove(sequence) }
        total = max(0, total - max(0, deleted - known.count))
    }

    /// Throws memory away: nobody knows what of it is stored. Who waits stays.
    func invalidate() {
        epoch += 1
        isLoaded = false
        isReading = false
        loadedFrom = .max
        housekeeping = 0
        forgetMessages()
        arrived = []
        gone = []
        deduplication = MessageDeduplication()
        attempts = [:]
        total = 0
        isWhole = false
    }

    private func forgetMessages() {
        for var message in messages.values { drop(&message) }
        messages = [:]
        line = SlidingArray()
        groups = MessageGroups()
        due = BinaryHeap()
        (ready, inFlight, delayed, leaving) = (0, 0, 0, 0)
        skipped = nil
    }
}

extension LiveMessage {
    /// A message as it is stored.
    init(_ stored: StoredMessage, isFIFO: Bool) {
        self.init(
            place: .ready, visibleAt: stored.inFlight?.visibleAt ?? .epoch, receives: stored.inFlight?.receives ?? 0,
            nonce: stored.inFlight?.nonce ?? 0, firstReceivedAt: stored.inFlight?.firstReceivedAt ?? .epoch,
            retainedFrom: stored.retainedFrom, group: isFIFO ? stored.groupID ?? "" : nil, content: stored.content)
    }
}

/// A receive of a FIFO queue that may be asked for again under the same id.
struct ReceiveAttempt {
    /// What it got.
    let taken: [TakenMessage]
    /// Until when that was hidden.
    var visibleAt: Timestamp
    /// Forgotten then.
    let expiresAt: Timestamp
}
