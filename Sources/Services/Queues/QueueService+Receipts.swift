import AWSProtocols
import Engine
import Store

/// What consumers do with messages that they received: delete them, or change for how long they are hidden.
extension QueueService {
    @Sendable func deleteMessage(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let queue = try record(input, context).name
        let handle = try QueueService.required("ReceiptHandle", in: input)
        let results = try await run { () async throws(QueueError) in try await queues.delete([handle], from: queue) }
        if let error = results[0] { throw error.apiError(receiptHandle: handle) }
        return [:]
    }

    @Sendable func deleteMessageBatch(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let queue = try record(input, context).name
        let entries = try BatchEntries(input, kind: "DeleteMessageBatchRequestEntry").entries
        var handles: [String] = []
        handles.reserveCapacity(entries.count)
        for (index, entry) in entries.enumerated() {
            guard let handle = entry.input.string("ReceiptHandle"), !handle.isEmpty else {
                throw SQSError.missing("DeleteMessageBatchRequestEntry.\(index + 1).ReceiptHandle")
            }
            handles.append(handle)
        }
        let asked = handles
        let results = try await run { () async throws(QueueError) in try await queues.delete(asked, from: queue) }
        return QueueService.answer(entries, results, asked)
    }

    @Sendable func changeVisibility(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let queue = try record(input, context).name
        let handle = try QueueService.required("ReceiptHandle", in: input)
        guard let seconds = input.integer("VisibilityTimeout") else { throw SQSError.missing("VisibilityTimeout") }
        let change = try QueueService.change(handle, seconds)
        let results = try await run { () async throws(QueueError) in try await queues.changeVisibility([change], in: queue) }
        if let error = results[0] { throw error.apiError(receiptHandle: handle) }
        return [:]
    }

    @Sendable func changeVisibilityBatch(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let queue = try record(input, context).name
        let kind = "ChangeMessageVisibilityBatchRequestEntry"
        let entries = try BatchEntries(input, kind: kind).entries
        var answer = BatchEntries.Answer()
        var changes: [QueueEngine.VisibilityChange] = []
        var asked: [BatchEntries.Entry] = []
        for (index, entry) in entries.enumerated() {
            guard let handle = entry.input.string("ReceiptHandle"), !handle.isEmpty else {
                throw SQSError.missing("\(kind).\(index + 1).ReceiptHandle")
            }
            do throws(APIError) {
                changes.append(try QueueService.change(handle, entry.input.integer("VisibilityTimeout") ?? 0))
                asked.append(entry)
            } catch {
                answer.fail(entry.id, error)
            }
        }
        if changes.isEmpty { return answer.output }
        let wanted = changes
        let results = try await run { () async throws(QueueError) in try await queues.changeVisibility(wanted, in: queue) }
        return QueueService.answer(asked, results, wanted.map(\.receiptHandle), beside: answer)
    }

    private static func change(_ handle: String, _ seconds: Int64) throws(APIError) -> QueueEngine.VisibilityChange {
        guard (0...43_200).contains(seconds) else {
            throw SQSError.invalidValue(
                String(seconds), of: "VisibilityTimeout", "VisibilityTimeout must be an integer between 0 and 43200.")
        }
        return QueueEngine.VisibilityChange(receiptHandle: handle, timeout: .seconds(seconds))
    }

    private static func answer(
        _ entries: [BatchEntries.Entry], _ results: [QueueError?], _ handles: [String],
        beside failed: BatchEntries.Answer = BatchEntries.Answer()
    ) -> APIStructure {
        var answer = failed
        for (index, entry) in entries.enumerated() {
            if let error = results[index] {
                answer.fail(entry.id, error.apiError(receiptHandle: handles[index]))
            } else {
                answer.succeed(["Id": .string(entry.id)])
            }
        }
        return answer.output
    }
}
