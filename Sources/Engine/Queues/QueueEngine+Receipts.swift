import StatesInterpreter
package import Store
import TimeSource

extension QueueEngine {
    /// A change of the visibility of one received message.
    package struct VisibilityChange: Sendable {
        /// Of the receive.
        package var receiptHandle: String
        /// Hidden for so long from now: 0 to 43,200 seconds.
        package var timeout: Duration

        /// A change of these parts.
        package init(receiptHandle: String, timeout: Duration) {
            self.receiptHandle = receiptHandle
            self.timeout = timeout
        }
    }

    /// Deletes received messages, durably and for good.
    ///
    /// A standard queue also takes the handle of an earlier receive while nobody has the message; while somebody has, it does nothing.
    /// A FIFO queue takes a handle only until the message is visible again. Deleting what is deleted is no error.
    /// - Returns: an answer for each handle in their order: nil when the message is deleted, now or before.
    package func delete(_ receiptHandles: [String], from queue: QueueName) async throws(QueueError) -> [QueueError?] {
        guard let record = record(of: queue) else { throw .queueDoesNotExist(queue) }
        let handles = parse(receiptHandles, of: record)
        return try await withMessages(of: handles, in: record) { engine, queue, state, continuation in
            engine.delete(handles, record, queue, &state, continuation)
        }
    }

    /// Changes for how long received messages are hidden, from now on. A message of a standard queue that became visible and was not
    /// received again since is hidden once more.
    /// - Returns: an answer for each change in their order: nil when it is made.
    package func changeVisibility(
        _ changes: [VisibilityChange], in queue: QueueName
    ) async throws(QueueError) -> [QueueError?] {
        guard let record = record(of: queue) else { throw .queueDoesNotExist(queue) }
        let handles = parse(changes.map(\.receiptHandle), of: record)
        let timeouts = changes.map(\.timeout)
        return try await withMessages(of: handles, in: record) { engine, queue, state, continuation in
            engine.changeVisibility(handles, timeouts, queue, &state, continuation)
        }
    }

    private func parse(_ handles: [String], of record: QueueRecord) -> [ReceiptHandle?] {
        handles.map { text in ReceiptHandle(text).flatMap { $0.queue == record.id ? $0 : nil } }
    }

    /// Calls `body` with the lock held once memory knows of every message that the handles name, or that it is not there.
    private func withMessages(
        of handles: [ReceiptHandle?], in record: QueueRecord,
        _ body: @escaping @Sendable (QueueEngine, LiveQueue, inout QueueState, CheckedContinuation<ReceiptOutcome, Never>) -> Void
    ) async throws(QueueError) -> [QueueError?] {
        var absent: Set<Int64> = []
        while true {
            let known = absent
            let outcome = await withCheckedContinuation { (continuation: CheckedContinuation<ReceiptOutcome, Never>) in
                locked { state in
                    guard state.directory[record.id] != nil else {
                        return state.wakes.append(.receipts(continuation, .failure(.queueDoesNotExist(record.name))))
                    }
                    let now = clock.now.engine
                    let queue = live(record, &state, at: now)
                    guard queue.isLoaded else { return state.wakes.append(.receipts(continuation, .cold)) }
                    let unknown = handles.compactMap { $0?.sequence }.filter { queue.messages[$0] == nil && !known.contains($0) }
                    if !unknown.isEmpty, !queue.knowsAll {
                        queue.beginFind()
                        return state.wakes.append(.receipts(continuation, .unknown(unknown, epoch: queue.epoch)))
                    }
                    queue.promote(at: now)
                    body(self, queue, &state, continuation)
                }
            }
            switch outcome {
            case .answers(let answers): return answers
            case .cold: try await warm(record)
            case .failure(let error): throw error
            case .unknown(let sequences, let epoch): absent.formUnion(try await find(sequences, of: record, epoch))
            }
        }
    }

    /// Reads messages into memory.
    /// - Returns: those that are not there.
    private func find(_ sequences: [Int64], of record: QueueRecord, _ epoch: Int) async throws(QueueError) -> Set<Int64> {
        var rows: [StoredMessage] = []
        var failure: QueueError?
        do throws(QueueError) {
            rows = try await storeRead { try QueueMessageStore.find(sequences, of: record.id, in: $0) }
        } catch {
            failure = error
        }
        let found = rows
        locked { state in
            guard let queue = state.live[record.id], queue.epoch == epoch else { return }
            queue.endFind(found, at: clock.now.engine)
        }
        if let failure { throw failure }
        return Set(sequences).subtracting(rows.map(\.sequence))
    }

    // MARK: Under the lock

    private func delete(
        _ handles: [ReceiptHandle?], _ record: QueueRecord, _ queue: LiveQueue, _ state: inout QueueState,
        _ continuation: CheckedContinuation<ReceiptOutcome, Never>
    ) {
        var answers: [QueueError?] = []
        var leaving: [Int64] = []
        var previous: [(sequence: Int64, wasHidden: Bool)] = []
        for handle in handles {
            let verdict = DeletionVerdict(handle, queue)
            answers.append(verdict.answer)
            guard verdict.isDeleted, let sequence = handle?.sequence, let message = queue.messages[sequence], !leaving.contains(sequence)
            else { continue }
            leaving.append(sequence)
            // Another batch is deleting it: should that one fail, this one does it.
            guard message.place != .leaving else { continue }
            previous.append((sequence, message.place == .hidden))
            queue.leave(sequence)
        }
        guard !leaving.isEmpty else { return state.wakes.append(.receipts(continuation, .answers(answers))) }
        let (id, epoch, gone, results, before) = (queue.id, queue.epoch, leaving, answers, previous)
        var statements: [Statement] = []
        QueueMessageStore.chunks(gone) { statements += QueueMessageStore.delete($0, from: id) }
        queue.pendingBatches += 1
        handOver(statements, &state) { engine, state, error, _ in
            state.wakes.append(.receipts(continuation, error.map { .failure(.store($0)) } ?? .answers(results)))
            guard let queue = state.live[id] else { return }
            queue.pendingBatches -= 1
            guard queue.epoch == epoch else { return }
            if let error {
                guard error.outcome == .notApplied else { return engine.invalidate(id, &state) }
                for (sequence, wasHidden) in before { queue.putBack(sequence, hidden: wasHidden) }
            } else {
                for sequence in gone { queue.remove(sequence) }
                engine.serve(queue, &state)
            }
        }
    }

    private func changeVisibility(
        _ handles: [ReceiptHandle?], _ timeouts: [Duration], _ queue: LiveQueue, _ state: inout QueueState,
        _ continuation: CheckedContinuation<ReceiptOutcome, Never>
    ) {
        let now = clock.now.engine
        var answers: [QueueError?] = []
        var changes: [(handle: ReceiptHandle, visibleAt: Timestamp, before: Timestamp)] = []
        for (handle, timeout) in zip(handles, timeouts) {
            let answer = QueueEngine.answer(to: handle, queue)
            answers.append(answer)
            guard answer == nil, let handle, let message = queue.messages[handle.sequence] else { continue }
            let visibleAt = now + timeout
            changes.append((handle, visibleAt, message.visibleAt))
            // At once, lest it is shown while the batch is on its way; a shorter time counts when it is durable.
            if message.place == .ready {
                if timeout > .zero { queue.hideAgain(handle.sequence, until: visibleAt) }
            } else if visibleAt > message.visibleAt {
                queue.changeVisibility(handle.sequence, nonce: handle.nonce, to: visibleAt)
            }
        }
        guard !changes.isEmpty else { return state.wakes.append(.receipts(continuation, .answers(answers))) }
        let (id, epoch, results, made) = (queue.id, queue.epoch, answers, changes)
        let statements = made.map {
            QueueMessageStore.changeVisibility(of: $0.handle.sequence, in: id, nonce: $0.handle.nonce, to: $0.visibleAt)
        }
        queue.pendingBatches += 1
        handOver(statements, &state) { engine, state, error, _ in
            state.wakes.append(.receipts(continuation, error.map { .failure(.store($0)) } ?? .answers(results)))
            guard let queue = state.live[id] else { return }
            queue.pendingBatches -= 1
            guard queue.epoch == epoch else { return }
            if error?.outcome == .unknown { return engine.invalidate(id, &state) }
            for change in made {
                queue.changeVisibility(
                    change.handle.sequence, nonce: change.handle.nonce, to: error == nil ? change.visibleAt : change.before)
            }
            if error == nil { engine.serve(queue, &state) }
        }
    }

    private static func answer(to handle: ReceiptHandle?, _ queue: LiveQueue) -> QueueError? {
        guard let handle else { return .receiptHandleInvalid }
        guard let message = queue.messages[handle.sequence], message.place != .leaving else { return .messageNotAvailable }
        // Late, but nobody has received it since: AWS takes that of standard queues.
        if message.place == .ready, !queue.isFIFO, message.receives > 0, message.nonce == handle.nonce { return nil }
        guard message.isInFlight else { return .messageNotInFlight }
        guard message.nonce == handle.nonce, message.place == .hidden else { return .messageNotAvailable }
        return nil
    }
}

/// What a call with receipt handles comes to.
enum ReceiptOutcome: Sendable {
    /// One for each handle.
    case answers([QueueError?])
    /// The queue has to be in memory first.
    case cold
    /// Memory does not know of these messages: they have to be read.
    case unknown([Int64], epoch: Int)
    /// All of it failed.
    case failure(QueueError)
}

/// Whether a receipt handle deletes its message.
private struct DeletionVerdict {
    let isDeleted: Bool
    let answer: QueueError?

    init(_ handle: ReceiptHandle?, _ queue: LiveQueue) {
        guard let handle else {
            (isDeleted, answer) = (false, .receiptHandleInvalid)
            return
        }
        guard let message = queue.messages[handle.sequence] else {
            (isDeleted, answer) = (false, nil)
            return
        }
        let isCurrent = message.nonce == handle.nonce
        switch message.place {
        case .leaving: (isDeleted, answer) = (true, nil)
        case .hidden where isCurrent: (isDeleted, answer) = (true, nil)
        case .ready where !queue.isFIFO: (isDeleted, answer) = (true, nil)
        // Somebody else has it, or may get it: theirs counts.
        case .hidden, .taken, .ready: (isDeleted, answer) = (false, queue.isFIFO ? .receiptHandleExpired : nil)
        }
    }
}
