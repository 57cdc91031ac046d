import AWSProtocols
package import Engine
package import Store
package import TimeSource

/// The SQS API: its operations' checks and words. What queues do is `QueueEngine`'s.
///
/// All constraints are checked here, missing members too: SQS answers them with errors of its own, not with the validator's that other
/// services share (`ServiceBehaviour.checksConstraintsItself`).
package struct QueueService: Sendable {
    /// For tags, and for what was sent before.
    let database: any Database
    /// What keeps queues and messages.
    let queues: QueueEngine
    /// For the ids of messages that are fixed before they are sent.
    let identifiers: IdentifierSource

    /// The API over these queues.
    package init(database: any Database, queues: QueueEngine, identifiers: IdentifierSource) {
        self.database = database
        self.queues = queues
        self.identifiers = identifiers
    }

    /// Adds all operations of SQS.
    package func register(in registry: inout OperationRegistry) {
        let operations: [(String, OperationHandler)] = [
            ("CreateQueue", create), ("DeleteQueue", delete), ("GetQueueUrl", url), ("ListQueues", list), ("PurgeQueue", purge),
            ("GetQueueAttributes", getAttributes), ("SetQueueAttributes", setAttributes),
            ("ListDeadLetterSourceQueues", listDeadLetterSources), ("AddPermission", addPermission),
            ("RemovePermission", removePermission), ("TagQueue", tag), ("UntagQueue", untag), ("ListQueueTags", listTags),
            ("StartMessageMoveTask", startMove), ("CancelMessageMoveTask", cancelMove), ("ListMessageMoveTasks", listMoves),
        ]
        for (name, handler) in operations { registry.register(service: "sqs", operation: name, handler: handler) }
        // Beside the wait for the disk these take microseconds.
        let quick: [(String, OperationHandler)] = [
            ("SendMessage", send), ("SendMessageBatch", sendBatch), ("DeleteMessage", deleteMessage),
            ("DeleteMessageBatch", deleteMessageBatch), ("ChangeMessageVisibility", changeVisibility),
            ("ChangeMessageVisibilityBatch", changeVisibilityBatch),
        ]
        for (name, handler) in quick {
            registry.register(service: "sqs", operation: name, options: OperationOptions(isQuick: true), handler: handler)
        }
        registry.register(
            service: "sqs", operation: "ReceiveMessage", options: OperationOptions(isQuick: true, isLongPoll: true),
            handler: receive)
    }

    /// The server's region, in all ARNs.
    var region: String { queues.region }

    /// The queue that a request names by its URL, whether it exists or not.
    func name(_ input: APIStructure, _ context: RequestContext) throws(APIError) -> QueueName {
        try QueueURL.queue(QueueService.required("QueueUrl", in: input), account: context.account)
    }

    /// The queue that a request names by its URL.
    /// - Throws: `QueueDoesNotExist` when there is none.
    func record(_ input: APIStructure, _ context: RequestContext) throws(APIError) -> QueueRecord {
        guard let record = queues.record(of: try name(input, context)) else { throw SQSError.queueDoesNotExist() }
        return record
    }

    /// A text that the request must have.
    static func required(_ name: String, in input: APIStructure) throws(APIError) -> String {
        guard let text = input.string(name), !text.isEmpty else { throw SQSError.missing(name) }
        return text
    }

    /// Runs a call of the engine; its error becomes the API's.
    func run<Value>(_ call: () async throws(QueueError) -> Value) async throws(APIError) -> Value {
        do throws(QueueError) {
            return try await call()
        } catch {
            throw error.apiError()
        }
    }
}
