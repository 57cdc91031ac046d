import AWSProtocols
import Engine
import Store

extension QueueService {
    /// What the messages of a batch may have together, in bytes.
    private static let batchSizeLimit = 1_048_576

    @Sendable func send(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let message = try MessageInput(input, for: try record(input, context), from: QueueService.sender(context))
        let sent = try await run { () async throws(QueueError) in try await queues.send([message.message]) }
        return message.answer(sent[0])
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
        let outgoing = messages.map(\.message.message)
        let sent = try await run { () async throws(QueueError) in try await queues.send(outgoing) }
        for (message, sent) in zip(messages, sent) { answer.succeed(message.message.answer(sent, id: message.id)) }
        return answer.output
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
