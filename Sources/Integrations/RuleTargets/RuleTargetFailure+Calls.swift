import AWSProtocols
import Engine
import JSONCore

extension RuleTargetFailure {
    /// The failure that the answer of one of the server's own operations stands for.
    init(_ failure: TaskOperations.Failure) {
        let (code, isTransient): (Code, Bool) =
            switch failure.error.code {
            case let name where failure.status == 429 || name.contains("Throttl") || name == "TooManyRequestsException":
                (.throttling, true)
            case _ where failure.status >= 500 && failure.status != 501: (.errorFromTarget, true)
            case let name where name.contains("AccessDenied") || name.hasPrefix("Unauthorized") || name == "AuthorizationError":
                (.noPermissions, false)
            case let name where name.contains("NotFound") || name.contains("DoesNotExist") || name == "InvalidDocument":
                (.noResource, false)
            case let name where name.contains("LimitExceeded"): (.resourceLimitExceeded, false)
            case "InvalidExecutionInput": (.invalidJSON, false)
            case let name where name.hasPrefix("Invalid") || name.contains("Validation"): (.invalidParameter, false)
            default: (.errorFromTarget, false)
            }
        self.init(code, "\(failure.error.message) (Error Code: \(failure.error.code))", isTransient: isTransient)
    }

    /// The failure of a queue to take a message.
    init(_ error: QueueError) {
        switch error {
        case .queueDoesNotExist: self.init(.noResource, "The specified queue does not exist.")
        case .missingGroupID: self.init(.invalidParameter, "The request must contain the parameter MessageGroupId.")
        case .missingDeduplicationID:
            self.init(
                .invalidParameter,
                "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly")
        case .messageTooLong(_, let limit):
            self.init(.invalidParameter, "One or more parameters are invalid. Reason: Message must be shorter than \(limit) bytes.")
        case .store, .shuttingDown: self.init(.internalError, "The server's database is not available.", isTransient: true)
        default: self.init(.errorFromTarget, "The queue did not take the message: \(error)", isTransient: true)
        }
    }
}
