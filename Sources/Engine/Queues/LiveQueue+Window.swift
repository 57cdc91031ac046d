import Store
import TimeSource

/// The window of a queue: what comes into memory, and what goes out of it.
extension LiveQueue {
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
        finds = 0
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
