import AWSProtocols
import Engine
import Store

extension QueueService {
    @Sendable func receive(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let call = try ReceiveCall(request: QueueService.request(input, record(input, context)), selection: MessageSelection(input))
        let messages = try await run { () async throws(QueueError) in try await queues.receive(call.request) }
        return call.shown(messages, region: region)
    }

    /// A call that waits. A class, as thousands of them do, each with its frame.
    private final class ReceiveCall: Sendable {
        let request: ReceiveRequest
        private let selection: MessageSelection

        init(request: ReceiveRequest, selection: MessageSelection) {
            self.request = request
            self.selection = selection
        }

        // Not inlined: what it needs would be part of the frame that waits.
        @inline(never)
        func shown(_ messages: [ReceivedMessage], region: String) -> APIStructure {
            if messages.isEmpty { return [:] }
            return ["Messages": .list(messages.map { .structure(selection.shown($0, region: region)) })]
        }
    }

    private static func request(_ input: APIStructure, _ record: QueueRecord) throws(APIError) -> ReceiveRequest {
        let count = input.integer("MaxNumberOfMessages") ?? 1
        guard (1...10).contains(count) else {
            throw SQSError.invalidValue(String(count), of: "MaxNumberOfMessages", "Must be between 1 and 10, if provided.")
        }
        let wait = input.integer("WaitTimeSeconds")
        if let wait, !(0...20).contains(wait) {
            throw SQSError.invalidValue(String(wait), of: "WaitTimeSeconds", "Must be >= 0 and <= 20, if provided.")
        }
        let timeout = input.integer("VisibilityTimeout")
        if let timeout, !(0...43_200).contains(timeout) {
            throw SQSError.invalidValue(String(timeout), of: "VisibilityTimeout", "Must be >= 0 and <= 43200, if provided.")
        }
        let attempt = input.string("ReceiveRequestAttemptId")
        if let attempt {
            guard record.isFIFO else { throw SQSError.notOfThisQueueType(attempt, "ReceiveRequestAttemptId") }
            guard MessageText.isID(attempt) else {
                throw SQSError.invalidParameter(
                    "ReceiveRequestAttemptId can only include alphanumeric and punctuation characters. 1 to 128 in length.")
            }
        }
        return ReceiveRequest(
            queue: record.name, maxMessages: Int(count), visibilityTimeout: timeout.map { .seconds($0) },
            wait: wait.map { .seconds($0) }, attemptID: attempt)
    }
}
