import AWSProtocols
import Engine
import JSONCore
import Store
import TimeSource

extension QueueService {
    /// What the messages of a batch may have together, in bytes.
    private static let batchSizeLimit = 1_048_576

    @Sendable func send(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let message = try MessageInput(input, for: try record(input, context), from: QueueService.sender(context))
        return message.answer(try await sendOnce([message.message], context)[0])
    }

    @Sendable func sendBatch(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let record = try record(input, context)
        let entries = try BatchEntries(input, kind: "SendMessageBatchRequestEntry").entries
        try check(entries, for: record)
        let sender = QueueService.sender(context)
        var answer = BatchEntries.Answer()
        var messages: [(id: String, message: MessageInput)] = []
        messages.reserveCapacity(entries.count)
        for entry in entries {
            do throws(APIError) {
                messages.append((entry.id, try MessageInput(entry.input, for: record, from: sender)))
            } catch {
                answer.fail(entry.id, error)
            }
        }
        if messages.isEmpty { return answer.output }
        let sent = try await sendOnce(messages.map(\.message.message), context)
        for (message, sent) in zip(messages, sent) { answer.succeed(message.message.answer(sent, id: message.id)) }
        return answer.output
    }

    /// Sends messages; those of a request that is made again, as parts of the server do after a crash, are answered and not sent again.
    private func sendOnce(_ messages: [OutgoingMessage], _ context: RequestContext) async throws(APIError) -> [SentMessage] {
        guard let key = context.dedupeKey else {
            return try await run { () async throws(QueueError) in try await queues.send(messages) }
        }
        if let earlier = try await earlierSend(key) { return earlier }
        // The ids are fixed beforehand, so that the transaction can remember them.
        var named = messages
        for index in named.indices { named[index].messageID = identifiers.uuid() }
        let ids = JSONWriter.bytes(of: .array(named.map { .text($0.messageID ?? "") }))
        do throws(QueueError) {
            return try await queues.send(named, with: [InboxStore.record(key, result: ids, at: context.receivedAt)])
        } catch {
            // The same request was applied between look and commit.
            if case .store(let fault) = error, fault.code == .conflict, let earlier = try await earlierSend(key) { return earlier }
            throw error.apiError()
        }
    }

    /// What a request of this key was answered before; nil when it was not made. The places in a FIFO queue are not remembered.
    private func earlierSend(_ key: String) async throws(APIError) -> [SentMessage]? {
        do {
            guard let stored = try await database.read({ try InboxStore.result(of: key, in: $0) }),
                let ids = (try? JSONParser.parse(stored))?.array
            else { return nil }
            return ids.map { SentMessage(messageID: $0.text ?? "", sequenceNumber: nil, isDuplicate: true) }
        } catch {
            throw (error as? StoreError)?.apiError ?? .internalFailure()
        }
    }

    /// What fails a batch as a whole.
    private func check(_ entries: [BatchEntries.Entry], for record: QueueRecord) throws(APIError) {
        var size = 0
        for (index, entry) in entries.enumerated() {
            guard entry.input.string("MessageBody")?.isEmpty == false else {
                throw SQSError.missing("SendMessageBatchRequestEntry.\(index + 1).MessageBody")
            }
            size += MessageInput.size(entry.input)
            guard record.isFIFO else { continue }
            // AWS answers a batch with another code than a single message, with the same words.
            guard entry.input.string("MessageGroupId")?.isEmpty == false else {
                throw SQSError.invalidParameter(SQSError.missingGroup().message)
            }
            guard entry.input.string("MessageDeduplicationId")?.isEmpty == false || record.attributes.contentBasedDeduplication else {
                throw SQSError.missingDeduplication()
            }
        }
        guard size <= QueueService.batchSizeLimit else {
            throw APIError(
                "BatchRequestTooLong",
                "Batch requests cannot be longer than \(QueueService.batchSizeLimit) bytes. You have sent \(size) bytes.")
        }
    }

    /// The system attribute SenderId: the id that GetCallerIdentity shows.
    private static func sender(_ context: RequestContext) -> String {
        context.principal.accessKeyID.isEmpty ? context.account : context.principal.accessKeyID
    }
}
