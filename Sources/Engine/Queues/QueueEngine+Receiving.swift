import StatesInterpreter
import Store
import Synchronization
import TimeSource

extension QueueEngine {
    /// Takes messages; none when none came in the time to wait, the caller is cancelled, or the server stops.
    ///
    /// The receive is durable when it is answered: count, time of the first one, and until when others do not see the messages. Who
    /// waits is served in the order of arrival. A message that was received too often goes to the dead-letter queue by the receive that would
    /// exceed it, in the same transaction.
    package func receive(_ request: ReceiveRequest) async throws(QueueError) -> [ReceivedMessage] {
        switch await outcome(of: request) {
        case .none: return []
        case .failure(let error): throw error
        case .messages(let taken): return try await answer(taken, of: request.queue)
        }
    }

    /// What becomes of a consumer.
    ///
    /// Thousands wait here, each with a frame of its own. What is not inlined has its variables elsewhere.
    @inline(never)
    private func outcome(of request: ReceiveRequest) async -> ReceiveOutcome {
        let number = numbers.wrappingAdd(1, ordering: .relaxed).newValue
        return await withTaskCancellationHandler {
            await withCheckedContinuation { admit(request, number, $0) }
        } onCancel: {
            leave(request.queue, number)
        }
    }

    @inline(never)
    private func admit(_ request: ReceiveRequest, _ number: Int, _ continuation: CheckedContinuation<ReceiveOutcome, Never>) {
        guard let record = record(of: request.queue) else {
            return continuation.resume(returning: .failure(.queueDoesNotExist(request.queue)))
        }
        let consumer = Consumer(
            number: number, maxMessages: max(1, min(10, request.maxMessages)), visibilityTimeout: request.visibilityTimeout,
            attemptID: record.isFIFO ? request.attemptID : nil,
            deadline: clock.now.engine + (request.wait ?? record.attributes.receiveWait), continuation: continuation)
        locked { admit(consumer, to: record, &$0) }
    }

    /// The caller of a receive is gone.
    @inline(never)
    private func leave(_ name: QueueName, _ number: Int) {
        locked { state in
            // A queue that was deleted has let its consumers go.
            guard let id = state.directory[name]?.id, let consumer = state.live[id]?.consumers.remove(number) else { return }
            state.waiting -= 1
            state.dismiss(consumer, .none)
        }
    }

    /// Serves a consumer, has it wait, or lets it go.
    private func admit(_ consumer: Consumer, to record: QueueRecord, _ state: inout QueueState) {
        if state.isClosed { return state.dismiss(consumer, .failure(.shuttingDown)) }
        // Asked with the lock held: a handler that ran before found no consumer, one that runs later will find it.
        if Task.isCancelled { return state.dismiss(consumer, .none) }
        guard state.directory[record.id] != nil else { return state.dismiss(consumer, .failure(.queueDoesNotExist(record.name))) }
        let now = clock.now
        let queue = live(record, &state, at: now.engine)
        if queue.isLoaded {
            if repeatAttempt(consumer, queue, &state, at: now) { return }
            queue.promote(at: now.engine)
            // Who waits already comes first.
            if queue.consumers.isEmpty {
                let batch = collect(for: consumer, queue, &state, at: now)
                commit(batch, for: batch.taken.isEmpty ? nil : consumer, queue, &state)
                startRead(queue, &state)
                guard batch.taken.isEmpty else { return }
            }
        } else {
            startRead(queue, &state)
        }
        // A short poll waits only for rows that are being read: it sees all messages.
        if consumer.deadline <= now.engine, queue.isLoaded, !queue.isUnsettled {
            let isRefused = queue.isFull && !queue.isFIFO
            return state.dismiss(consumer, isRefused ? .failure(.overLimit(record.name)) : .none)
        }
        guard state.waiting < limits.consumers else { return state.dismiss(consumer, .failure(.tooManyWaiters)) }
        queue.consumers.append(consumer)
        state.waiting += 1
        arm(queue, &state)
    }

    /// Gives those who wait at a queue what there is, and lets those go whose time is over.
    func serve(_ queue: LiveQueue, _ state: inout QueueState) {
        guard queue.isLoaded else { return }
        guard !queue.consumers.isEmpty else { return startRead(queue, &state) }
        let now = clock.now
        queue.promote(at: now.engine)
        while let consumer = queue.consumers.first() {
            if repeatAttempt(consumer, queue, &state, at: now) {
                leaveLine(consumer, queue, &state)
                continue
            }
            let batch = collect(for: consumer, queue, &state, at: now)
            if batch.isEmpty { break }
            if batch.taken.isEmpty {
                commit(batch, for: nil, queue, &state)
                break
            }
            leaveLine(consumer, queue, &state)
            commit(batch, for: consumer, queue, &state)
        }
        startRead(queue, &state)
        if !queue.isUnsettled {
            while let late = queue.consumers.popLate(at: now.engine) {
                state.waiting -= 1
                state.dismiss(late, .none)
            }
        }
        arm(queue, &state)
    }

    private func leaveLine(_ consumer: Consumer, _ queue: LiveQueue, _ state: inout QueueState) {
        if queue.consumers.remove(consumer.number) != nil { state.waiting -= 1 }
    }

    // MARK: Batches

    /// Takes what a consumer gets from memory, and on the way what nobody gets any more.
    private func collect(
        for consumer: Consumer, _ queue: LiveQueue, _ state: inout QueueState, at now: Instants
    ) -> ReceiveBatch {
        var batch = ReceiveBatch()
        guard let record = state.directory[queue.id], queue.ready > 0 else { return batch }
        let attributes = record.attributes
        let dead = attributes.redrivePolicy.flatMap { policy in
            state.directory[policy.deadLetterQueue].map { (queue: $0, count: policy.maxReceiveCount) }
        }
        batch.visibleAt = now.engine + (consumer.visibilityTimeout ?? attributes.visibilityTimeout)
        while batch.taken.count < consumer.maxMessages, batch.housekeeping < 500, !queue.isFull, let next = queue.popReady() {
            let (sequence, message) = next
            if message.retainedFrom + attributes.retention <= now.engine {
                queue.leave(sequence)
                batch.expired.append(sequence)
            } else if let dead, message.receives >= dead.count {
                queue.leave(sequence)
                batch.dead.append(
                    DeadLetter(
                        sequence: sequence, retainedFrom: message.retainedFrom, group: message.group, receives: message.receives,
                        firstReceivedAt: message.firstReceivedAt, target: dead.queue, newSequence: state.nextSequence(at: now.engine)))
            } else {
                batch.taken.append(
                    TakenMessage(
                        sequence: sequence, nonce: Int64(bitPattern: random.nextWord()), receives: message.receives + 1,
                        firstReceivedAt: message.receives == 0 ? now.wall : message.firstReceivedAt, content: message.content))
            }
        }
        queue.endServing()
        if let attemptID = consumer.attemptID, !batch.taken.isEmpty {
            batch.attempt = (attemptID, now.engine + MessageDeduplication.interval)
        }
        return batch
    }

    /// Hands a batch over; a consumer gets its messages when it is durable.
    private func commit(_ batch: ReceiveBatch, for consumer: Consumer?, _ queue: LiveQueue, _ state: inout QueueState) {
        guard !batch.isEmpty, let record = state.directory[queue.id] else { return }
        let (id, epoch) = (queue.id, queue.epoch)
        queue.pendingBatches += 1
        if batch.housekeeping > 0 { queue.housekeeping += 1 }
        handOver(batch.statements(of: record, at: clock.now), &state) { engine, state, error, _ in
            if let consumer {
                state.dismiss(consumer, error.map { .failure(.store($0)) } ?? .messages(batch.taken))
            }
            if error == nil { batch.deliverDead(engine, &state) }
            guard let queue = state.live[id] else { return }
            queue.pendingBatches -= 1
            guard queue.epoch == epoch else { return }
            if batch.housekeeping > 0 { queue.housekeeping -= 1 }
            if let error {
                guard error.outcome == .notApplied else {
                    for dead in batch.dead { engine.invalidate(dead.target.id, &state) }
                    return engine.invalidate(id, &state)
                }
                batch.putBack(into: queue)
                // Nobody is served again for it: the next consumer tries. Short polls go.
                engine.letLateGo(queue, &state)
            } else {
                batch.settle(queue)
                engine.serve(queue, &state)
            }
        }
    }

    /// Lets those go whose time is over, without serving anybody.
    func letLateGo(_ queue: LiveQueue, _ state: inout QueueState) {
        guard !queue.isUnsettled else { return }
        while let late = queue.consumers.popLate(at: clock.now.engine) {
            state.waiting -= 1
            state.dismiss(late, .none)
        }
        arm(queue, &state)
    }

    /// Gives a consumer of a FIFO queue the messages again that it got under the same attempt id, as long as nothing was done with them
    /// (ReceiveMessage, Amazon SQS API Reference, "ReceiveRequestAttemptId").
    private func repeatAttempt(
        _ consumer: Consumer, _ queue: LiveQueue, _ state: inout QueueState, at now: Instants
    ) -> Bool {
        guard let id = consumer.attemptID, var attempt = queue.attempts[id] else { return false }
        let isUntouched = attempt.taken.allSatisfy { taken in
            guard let message = queue.messages[taken.sequence] else { return false }
            return message.place == .hidden && message.nonce == taken.nonce && message.visibleAt == attempt.visibleAt
                && message.visibleAt > now.engine
        }
        guard isUntouched, attempt.expiresAt > now.engine, let record = state.directory[queue.id] else {
            queue.attempts[id] = nil
            return false
        }
        let visibleAt = now.engine + (consumer.visibilityTimeout ?? record.attributes.visibilityTimeout)
        attempt.visibleAt = visibleAt
        queue.attempts[id] = attempt
        let taken = attempt.taken
        let (queueID, epoch) = (queue.id, queue.epoch)
        for message in taken { queue.changeVisibility(message.sequence, nonce: message.nonce, to: visibleAt) }
        queue.pendingBatches += 1
        let rows = taken.map { $0.row(visibleAt: visibleAt) }
        handOver([QueueMessageStore.hide(rows[...], of: queueID)], &state) { engine, state, error, _ in
            state.dismiss(consumer, error.map { .failure(.store($0)) } ?? .messages(taken))
            guard let queue = state.live[queueID] else { return }
            queue.pendingBatches -= 1
            if queue.epoch == epoch, error?.outcome == .unknown { engine.invalidate(queueID, &state) }
        }
        return true
    }

    // MARK: Answers

    /// The messages with their contents, which are read when they are not in memory.
    @inline(never)
    private func answer(_ taken: [TakenMessage], of name: QueueName) async throws(QueueError) -> [ReceivedMessage] {
        // A queue that was deleted meanwhile has taken its messages along.
        guard let record = record(of: name) else { return [] }
        var read: [Int64: MessageContent] = [:]
        let missing = taken.filter { $0.content == nil }.map(\.sequence)
        if !missing.isEmpty {
            for row in try await storeRead({ try QueueMessageStore.find(missing, of: record.id, in: $0) }) {
                read[row.sequence] = row.content
            }
        }
        var messages: [ReceivedMessage] = []
        messages.reserveCapacity(taken.count)
        for message in taken {
            // One without content was purged meanwhile, or expired.
            guard let content = message.content ?? read[message.sequence] else { continue }
            do {
                messages.append(try ReceivedMessage(message, content, of: record))
            } catch {
                throw .store(error)
            }
        }
        return messages
    }
}

extension ReceivedMessage {
    /// A message as a consumer gets it.
    fileprivate init(_ taken: TakenMessage, _ content: MessageContent, of record: QueueRecord) throws(StoreError) {
        let (attributes, traceHeader) = try MessageAttributesCoding.decode(content.encodedAttributes)
        self.init(
            messageID: content.messageID,
            receiptHandle: ReceiptHandle(queue: record.id, sequence: taken.sequence, nonce: taken.nonce).text, body: content.body,
            attributes: attributes, traceHeader: traceHeader, senderID: content.senderID, sentAt: content.sentAt,
            firstReceivedAt: taken.firstReceivedAt, receiveCount: taken.receives, groupID: content.groupID,
            deduplicationID: content.deduplicationID, sequenceNumber: record.isFIFO ? MessageSequence.text(taken.sequence) : nil,
            deadLetterSource: content.deadLetterSource)
    }
}
