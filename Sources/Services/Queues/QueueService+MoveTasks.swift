import AWSProtocols
import Engine
import Store
import TimeSource

/// Moving the messages of dead-letter queues (Amazon SQS API Reference, StartMessageMoveTask).
extension QueueService {
    @Sendable func startMove(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let source = try queue("SourceArn", in: input, context)
        let destination = try input.contains("DestinationArn") ? queue("DestinationArn", in: input, context) : nil
        if let destination, destination.isFIFO != source.isFIFO {
            throw SQSError.invalidParameter("Source and destination queues must be of the same type.")
        }
        let rate = input.integer("MaxNumberOfMessagesPerSecond")
        guard rate.map({ (1...500).contains($0) }) ?? true else {
            throw SQSError.invalidValue(
                String(rate ?? 0), of: "MaxNumberOfMessagesPerSecond", "Must be between 1 and 500, if provided.")
        }
        let task = try await run { () async throws(QueueError) in
            try await queues.startMove(from: source, to: destination, maxMessagesPerSecond: rate.map { Int($0) })
        }
        return ["TaskHandle": .string(handle(task))]
    }

    @Sendable func cancelMove(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let text = try QueueService.required("TaskHandle", in: input)
        guard let handle = MoveTaskHandle(text) else {
            throw SQSError.invalidParameter("Value for parameter TaskHandle is invalid.")
        }
        guard let source = QueueName(arn: handle.sourceARN), source.account == context.account, queues.exists(source) else {
            throw QueueService.noResource("SourceArn")
        }
        let moved = try await run { () async throws(QueueError) in try await queues.cancelMove(handle.taskID) }
        return ["ApproximateNumberOfMessagesMoved": .integer(moved)]
    }

    @Sendable func listMoves(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let source = try queue("SourceArn", in: input, context)
        let limit = input.integer("MaxResults") ?? 1
        guard (1...10).contains(limit) else {
            throw SQSError.invalidValue(String(limit), of: "MaxResults", "MaxResults must be an integer between 1 and 10.")
        }
        let tasks = try await run { () async throws(QueueError) in try await queues.moveTasks(of: source, limit: Int(limit)) }
        return ["Results": .list(tasks.map { .structure(shown($0)) })]
    }

    private func shown(_ task: MessageMoveTask) -> APIStructure {
        [
            // Only a task that runs can be cancelled, so only such a one has a handle.
            "TaskHandle": task.status == .running ? .string(handle(task)) : .null,
            "Status": .string(task.status.rawValue),
            "SourceArn": .string(task.source.arn(region: region)),
            "DestinationArn": .optional(task.destination?.arn(region: region)),
            "MaxNumberOfMessagesPerSecond": .optional(task.maxMessagesPerSecond.map(Int64.init)),
            "ApproximateNumberOfMessagesMoved": .integer(task.movedCount),
            "ApproximateNumberOfMessagesToMove": .integer(task.totalCount),
            "FailureReason": .optional(task.failureReason),
            "StartedTimestamp": .integer(task.startedAt.milliseconds),
        ]
    }

    private func handle(_ task: MessageMoveTask) -> String {
        MoveTaskHandle(taskID: task.id, sourceARN: task.source.arn(region: region)).text
    }

    /// The queue that an ARN of the request names.
    private func queue(_ parameter: String, in input: APIStructure, _ context: RequestContext) throws(APIError) -> QueueName {
        let text = try QueueService.required(parameter, in: input)
        guard ARN(text) != nil else {
            throw SQSError.invalidParameter(
                "You must use this format to specify the \(parameter): "
                    + "arn:<partition>:<service>:<region>:<account-id>:<resource-id>")
        }
        guard let queue = QueueName(arn: text), queue.account == context.account, queue.arn(region: region) == text,
            queues.exists(queue)
        else { throw QueueService.noResource(parameter) }
        return queue
    }

    private static func noResource(_ parameter: String) -> APIError {
        SQSError.resourceNotFound("The resource that you specified for the \(parameter) parameter doesn't exist.")
    }
}
