import Store
import TimeSource

/// The batch of a send while it is put together, with the lock held.
struct SendBatch {
    /// What becomes of each message, in their order.
    private(set) var fates: [MessageFate] = []
    /// What each queue gets, in the order of places.
    private(set) var arrivals: [QueueArrivals] = []
    private var rows: [QueueMessageRow] = []
    private var digests: [Statement] = []

    /// Adds a message; a duplicate is only answered.
    mutating func add(_ draft: MessageDraft, at now: Timestamp, _ state: inout QueueState) {
        let live = state.live[draft.queue]
        if let digest = draft.digest, let live {
            switch live.deduplication.find(digest, at: now) {
            case .sent(let sequence): return fates.append(.duplicate(queue: draft.queue, sequence: sequence))
            case .pending:
                // Of this batch: others were waited for.
                if let first = fates.firstIndex(where: { $0.isFirst(of: digest, in: draft.queue) }) {
                    return fates.append(.repeated(first))
                }
            case .new: break
            }
        }
        let sequence = state.nextSequence(at: now)
        let delay = draft.delay ?? state.directory[draft.queue]?.attributes.delay ?? .zero
        rows.append(QueueMessageRow(queue: draft.queue, sequence: sequence, content: draft.content))
        if let digest = draft.digest {
            live?.deduplication.insert(digest, sequence: sequence, isPending: true)
            digests.append(
                QueueDeduplicationStore.insert(digest.bytes, messageID: draft.content.messageID, sequence: sequence, queue: draft.queue))
        }
        fates.append(.sent(draft, sequence: sequence))
        let message = LiveMessage(
            place: .ready, visibleAt: delay > .zero ? now + delay : .epoch, receives: 0, nonce: 0, firstReceivedAt: .epoch,
            retainedFrom: now, group: draft.digest == nil ? nil : draft.content.groupID, content: draft.content)
        if arrivals.last?.queue != draft.queue { arrivals.append(QueueArrivals(queue: draft.queue)) }
        arrivals[arrivals.count - 1].messages.append((sequence, message, draft.digest))
    }

    /// What the database is to do.
    var statements: [Statement] {
        var statements: [Statement] = []
        QueueMessageStore.chunks(rows) { statements.append(QueueMessageStore.insert($0)) }
        for arrival in arrivals {
            let delays = arrival.messages.compactMap { sequence, message, _ in
                message.visibleAt == .epoch
                    ? nil
                    : InFlightRow(sequence: sequence, visibleAt: message.visibleAt, receives: 0, nonce: 0, firstReceivedAt: .epoch)
            }
            QueueMessageStore.chunks(delays) { statements.append(QueueMessageStore.hide($0, of: arrival.queue)) }
        }
        return statements + digests
    }
}

/// What one queue gets by a batch.
struct QueueArrivals: Sendable {
    /// The queue's id.
    let queue: Int64
    /// Messages with their places, in that order.
    var messages: [(sequence: Int64, message: LiveMessage, digest: MessageDeduplication.Digest?)] = []

    /// The batch is durable: who waits gets the messages.
    func succeed(_ engine: QueueEngine, _ state: inout QueueState, at now: Timestamp) {
        guard let live = state.live[queue] else { return }
        for (sequence, message, digest) in messages {
            if let digest { live.deduplication.confirm(digest) }
            live.arrive(sequence, message, at: now)
        }
        letSendersGo(live, &state)
        engine.serve(live, &state)
    }

    /// The batch was not applied, or nobody knows.
    func fail(_ error: StoreError, _ engine: QueueEngine, _ state: inout QueueState) {
        guard let live = state.live[queue] else { return }
        guard error.outcome == .notApplied else { return engine.invalidate(queue, &state) }
        for case (let sequence, _, let digest?) in messages { live.deduplication.forget(digest, sequence: sequence) }
        letSendersGo(live, &state)
    }

    private func letSendersGo(_ live: LiveQueue, _ state: inout QueueState) {
        guard !live.senders.isEmpty else { return }
        for sender in live.senders { state.wakes.append(.batch(sender, .again)) }
        live.senders = []
    }
}

extension MessageFate {
    /// Whether this is the message that others of its batch with this digest are duplicates of.
    func isFirst(of digest: MessageDeduplication.Digest, in queue: Int64) -> Bool {
        if case .sent(let draft, _) = self { draft.queue == queue && draft.digest == digest } else { false }
    }
}
