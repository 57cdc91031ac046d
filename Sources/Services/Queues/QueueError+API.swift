import AWSProtocols
import Engine
import Store

extension QueueError {
    /// The error that a client sees.
    /// - Parameter receiptHandle: the one that the error is about, where there is one.
    func apiError(receiptHandle: String = "") -> APIError {
        switch self {
        case .queueDoesNotExist: SQSError.queueDoesNotExist()
        case .missingGroupID: SQSError.missingGroup()
        case .missingDeduplicationID: SQSError.missingDeduplication()
        case .delayNotAllowed: SQSError.notOfThisQueueType("", "DelaySeconds")
        case .messageTooLong(_, let limit): SQSError.messageTooLong(limit: limit)
        case .overLimit(let name):
            APIError("OverLimit", "Too many messages in flight for queue \(name.name).")
        case .receiptHandleInvalid: SQSError.receiptHandleIsInvalid(receiptHandle)
        case .receiptHandleExpired:
            SQSError.invalidValue(receiptHandle, of: "ReceiptHandle", "The receipt handle has expired.")
        case .messageNotInFlight: APIError("MessageNotInflight", "The specified message isn't in flight.")
        case .messageNotAvailable:
            SQSError.invalidValue(
                receiptHandle, of: "ReceiptHandle", "Message does not exist or is not available for visibility timeout change.")
        case .purgeInProgress(let name):
            APIError("PurgeQueueInProgress", "Only one PurgeQueue operation on \(name.name) is allowed every 60 seconds.")
        case .notADeadLetterQueue: SQSError.invalidParameter("Source queue must be configured as a Dead Letter Queue.")
        case .moveTaskRunning:
            SQSError.invalidParameter(
                "There is already a task running. Only one active task is allowed for a source queue arn at a given time.")
        case .moveTaskDoesNotExist: SQSError.resourceNotFound("Task does not exist.")
        case .moveTaskNotRunning: SQSError.invalidParameter("Only active tasks can be cancelled.")
        case .tooManyWaiters: APIError("RequestThrottled", "Too many requests wait for messages.", retryAfterSeconds: 1)
        case .shuttingDown: .serviceUnavailable("The server is stopping.", retryAfterSeconds: 1)
        case .store(let error): error.apiError
        }
    }
}
