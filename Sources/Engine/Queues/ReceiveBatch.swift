import StatesInterpreter
import Store
import TimeSource

/// A message on its way to the dead-letter queue.
struct DeadLetter: Sendable {
    /// Its place in the queue that it leaves.
    let sequence: Int64
    /// When its retention began.
    let retainedFrom: Timestamp
    /// Of a FIFO queue.
    let group: String?
    /// How often it was received. The count goes on: on AWS the first receive from a dead-letter queue is the one that was too many.
    let receives: Int
    /// By the wall clock.
    let firstReceivedAt: Timestamp
    /// The dead-letter queue.
    let target: QueueRecord
    /// Its place there.
    let newSequence: Int64
}

/// What a receive does to the tables and, once that is durable, to memory.
struct ReceiveBatch: Sendable {
    /// What the consumer gets.
    var taken: [TakenMessage] = []
    /// Until when others do not see it.
    var visibleAt = Timestamp.epoch
    /// Messages whose retention is over.
    var expired: [Int64] = []
    /// Messages that were received too often.
    var dead: [DeadLetter] = []
    /// Under what the consumer may ask for the same again, and until when.
    var attempt: (id: String, until: Timestamp)?

    /// Messages that nobody gets any more.
    var housekeeping: Int { expired.count + dead.count }

    /// True when there is nothing to do.
    var isEmpty: Bool { taken.isEmpty && housekeeping == 0 }

    /// What the database is to do.
    func statements(of record: QueueRecord, at now: Instants) -> [Statement] {
        var statements: [Statement] = []
        if !taken.isEmpty { statements.append(QueueMessageStore.hide(taken.map { $0.row(visibleAt: visibleAt) }[...], of: record.id)) }
        for letter in dead {
            // The retention of a standard queue's message goes on, that of a FIFO queue's begins anew
            // (Amazon SQS Developer Guide, "Using dead-letter queues").
            statements.append(
                QueueMessageStore.move(
                    letter.sequence, of: record.id, to: letter.target.id, as: letter.newSequence, from: record.name, messageID: nil,
                    sentAt: nil, retainedFrom: record.isFIFO ? nil : letter.retainedFrom))
            statements.append(
                QueueMessageStore.moveReceives(letter.sequence, of: record.id, to: letter.target.id, as: letter.newSequence))
        }
        QueueMessageStore.chunks(expired + dead.map(\.sequence)) { statements += QueueMessageStore.delete($0, from: record.id) }
        return statements
    }

    /// The batch is durable.
    func settle(_ queue: LiveQueue) {
        for message in taken { queue.hide(message, until: visibleAt) }
        for sequence in expired { queue.remove(sequence) }
        for letter in dead { queue.remove(letter.sequence) }
        guard let attempt else { return }
        if queue.attempts.count > 1_000 {
            queue.attempts = queue.attempts.filter { $0.value.visibleAt > visibleAt - MessageDeduplication.interval }
        }
        // Contents are read again when the attempt is repeated.
        let taken = taken.map {
            TakenMessage(
                sequence: $0.sequence, nonce: $0.nonce, receives: $0.receives, firstReceivedAt: $0.firstReceivedAt, content: nil)
        }
        queue.attempts[attempt.id] = ReceiveAttempt(taken: taken, visibleAt: visibleAt, expiresAt: attempt.until)
    }

    /// The batch was not applied: everything is where it was.
    func putBack(into queue: LiveQueue) {
        for message in taken { queue.putBack(message.sequence, hidden: false) }
        for sequence in expired { queue.putBack(sequence, hidden: false) }
        for letter in dead { queue.putBack(letter.sequence, hidden: false) }
    }

    /// Shows the dead letters in their queue.
    func deliverDead(_ engine: QueueEngine, _ state: inout QueueState) {
        let now = engine.clock.now.engine
        for letter in dead {
            guard let target = state.live[letter.target.id] else { continue }
            target.arrive(
                letter.newSequence,
                LiveMessage(
                    place: .ready, visibleAt: .epoch, receives: letter.receives, nonce: 0, firstReceivedAt: letter.firstReceivedAt,
                    retainedFrom: letter.target.isFIFO ? now : letter.retainedFrom, group: letter.target.isFIFO ? letter.group ?? "" : nil,
                    content: nil),
                at: now)
            engine.serve(target, &state)
        }
    }
}
