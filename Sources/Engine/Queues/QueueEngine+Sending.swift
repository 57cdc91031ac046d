import StatesInterpreter
package import Store
import TimeSource

extension QueueEngine {
    /// Puts messages into their queues: all of them and `statements` in one transaction, or none.
    ///
    /// Who waits for a message gets it as soon as it is durable. A message of a FIFO queue that came in the last five minutes is answered
    /// as the first one was, and not added; `statements` are applied all the same.
    /// - Returns: an answer for each message, in their order.
    package func send(
        _ messages: [OutgoingMessage], with statements: [Statement] = []
    ) async throws(QueueError) -> [SentMessage] {
        let drafts = try prepare(messages)
        while true {
            let outcome = await withCheckedContinuation { continuation in
                locked { dispatch(drafts, statements, continuation, &$0) }
            }
            switch outcome {
            case .sent(let fates): return try await answers(fates)
            case .cold(let record): try await warm(record)
            case .again: break
            case .failure(let error): throw error
            }
        }
    }

    // MARK: Before

    /// Checks messages against their queues, and makes what is stored of them.
    private func prepare(_ messages: [OutgoingMessage]) throws(QueueError) -> [MessageDraft] {
        let now = clock.now
        var records: [QueueName: QueueRecord] = [:]
        var drafts: [MessageDraft] = []
        drafts.reserveCapacity(messages.count)
        for message in messages {
            guard let record = records[message.queue] ?? record(of: message.queue) else { throw .queueDoesNotExist(message.queue) }
            records[message.queue] = record
            drafts.append(try prepare(message, for: record, at: now))
        }
        return drafts
    }

    private func prepare(
        _ message: OutgoingMessage, for record: QueueRecord, at now: Instants
    ) throws(QueueError) -> MessageDraft {
        var deduplicationID = message.deduplicationID
        var digest: MessageDeduplication.Digest?
        if record.isFIFO {
            guard let group = message.groupID else { throw .missingGroupID(record.name) }
            guard message.delay == nil else { throw .delayNotAllowed(record.name) }
            if deduplicationID == nil, record.attributes.contentBasedDeduplication { deduplicationID = ContentDigest.text(message.body) }
            guard let deduplicationID else { throw .missingDeduplicationID(record.name) }
            digest = MessageDeduplication.Digest(deduplicationID, group: group, scope: record.attributes.deduplicationScope)
        }
        let content = MessageContent(
            messageID: message.messageID ?? identifiers.uuid(), sentAt: now.wall, senderID: message.senderID, groupID: message.groupID,
            deduplicationID: deduplicationID, deadLetterSource: nil, body: message.body,
            encodedAttributes: MessageAttributesCoding.encode(message.attributes, traceHeader: message.traceHeader))
        let size = QueueEngine.size(of: message)
        guard size <= record.attributes.maximumMessageSize else {
            throw .messageTooLong(record.name, limit: record.attributes.maximumMessageSize)
        }
        return MessageDraft(queue: record.id, name: record.name, content: content, delay: message.delay, digest: digest)
    }

    /// The bytes of a message that count: body, and names, types and values of its attributes (SendMessage, Amazon SQS API Reference).
    package static func size(of message: OutgoingMessage) -> Int {
        message.attributes.reduce(message.body.utf8.count) { sum, attribute in
            let value =
                switch attribute.value {
                case .string(let text): text.utf8.count
                case .binary(let bytes): bytes.count
                }
            return sum + attribute.name.utf8.count + attribute.dataType.utf8.count + value
        }
    }

    // MARK: Under the lock

    /// Gives the messages their places and hands the batch over; or says, without a trace, what has to come before.
    private func dispatch(
        _ drafts: [MessageDraft], _ statements: [Statement], _ continuation: CheckedContinuation<SendOutcome, Never>,
        _ state: inout QueueState
    ) {
        let now = clock.now.engine
        for draft in drafts {
            guard let record = state.directory[draft.queue] else {
                return state.wakes.append(.batch(continuation, .failure(.queueDoesNotExist(draft.name))))
            }
            guard let digest = draft.digest else { continue }
            let queue = live(record, &state, at: now)
            guard queue.isLoaded else { return state.wakes.append(.batch(continuation, .cold(record))) }
            if queue.deduplication.find(digest, at: now) == .pending { return queue.senders.append(continuation) }
        }
        var batch = SendBatch()
        for draft in drafts { batch.add(draft, at: now, &state) }
        let (fates, arrivals) = (batch.fates, batch.arrivals)
        handOver(batch.statements + statements, &state) { engine, state, error, _ in
            if let error {
                for arrival in arrivals { arrival.fail(error, engine, &state) }
                state.wakes.append(.batch(continuation, .failure(.store(error))))
            } else {
                let now = engine.clock.now.engine
                for arrival in arrivals { arrival.succeed(engine, &state, at: now) }
                state.wakes.append(.batch(continuation, .sent(fates)))
            }
        }
    }

    // MARK: After

    private func answers(_ fates: [MessageFate]) async throws(QueueError) -> [SentMessage] {
        var answers: [SentMessage] = []
        answers.reserveCapacity(fates.count)
        for fate in fates {
            switch fate {
            case .sent(let draft, let sequence):
                answers.append(
                    SentMessage(
                        messageID: draft.content.messageID, sequenceNumber: draft.name.isFIFO ? MessageSequence.text(sequence) : nil,
                        isDuplicate: false))
            case .duplicate(let queue, let sequence):
                let first = try await storeRead { try QueueDeduplicationStore.messageID(of: sequence, in: queue, $0) }
                answers.append(
                    SentMessage(messageID: first ?? "", sequenceNumber: MessageSequence.text(sequence), isDuplicate: true))
            case .repeated(let index):
                let first = answers[index]
                answers.append(SentMessage(messageID: first.messageID, sequenceNumber: first.sequenceNumber, isDuplicate: true))
            }
        }
        return answers
    }

    /// A read of the database in terms of this engine.
    func storeRead<Value: Sendable>(
        _ body: @escaping @Sendable (any ReadTransaction) throws -> Value
    ) async throws(QueueError) -> Value {
        do {
            return try await database.read(body)
        } catch {
            throw .store(error as? StoreError ?? StoreError(.unavailable, detail: "\(error)"))
        }
    }
}
