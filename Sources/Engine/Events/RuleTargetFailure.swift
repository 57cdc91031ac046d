package import Store
package import TimeSource

/// Why an attempt to give an event to a rule's target failed.
package struct RuleTargetFailure: Error, Sendable, Hashable {
    /// The error codes of dead-letter messages (EventBridge User Guide, "Using dead-letter queues to process undelivered events").
    package enum Code: String, Sendable, Hashable {
        case connectionFailure = "CONNECTION_FAILURE"
        case errorFromTarget = "ERROR_FROM_TARGET"
        case internalError = "INTERNAL_ERROR"
        case invalidJSON = "INVALID_JSON"
        case invalidParameter = "INVALID_PARAMETER"
        case noPermissions = "NO_PERMISSIONS"
        case noResource = "NO_RESOURCE"
        case resourceLimitExceeded = "RESOURCE_LIMIT_EXCEEDED"
        case sdkClientError = "SDK_CLIENT_ERROR"
        case thirdAccountHopDetected = "THIRD_ACCOUNT_HOP_DETECTED"
        case throttling = "THROTTLING"
        case timeout = "TIMEOUT"
        case unknown = "UNKNOWN"
    }

    /// Which bound of the retry policy was reached, as messages spell it.
    package enum Exhausted: String, Sendable, Hashable {
        case attempts = "MaximumRetryAttempts"
        case age = "MaximumEventAgeInSeconds"
    }

    /// What kind of failure.
    package var code: Code
    /// In words, for the operator.
    package var message: String
    /// Whether the same call may succeed later.
    package var isTransient: Bool
    /// How long the target asked to be left alone; nil as the retry policy says.
    package var pause: Duration?

    /// A failure of this kind.
    package init(_ code: Code, _ message: String, isTransient: Bool = false, pause: Duration? = nil) {
        self.code = code
        self.message = message
        self.isTransient = isTransient
        self.pause = pause
    }
}

extension RuleTargetDelivery {
    /// What becomes of a delivery after an attempt that failed: another attempt, as long as the failure may pass and the target's retry
    /// policy lasts, else its dead-letter queue.
    /// - Parameter now: engine time, the clock of `createdAt`.
    package func outcome(
        of failure: RuleTargetFailure, _ delivery: DeliveryRecord, now: Timestamp, random: any RandomSource
    ) -> DeliveryOutcome {
        let reason = "\(failure.code.rawValue): \(failure.message) (\(targetARN), target \(targetID) of \(ruleARN))"
        guard failure.isTransient else { return givenUp(failure, delivery, exhausted: nil, reason: reason) }
        let attempts = delivery.attempts + 1
        guard attempts <= maximumRetries else { return givenUp(failure, delivery, exhausted: .attempts, reason: reason) }
        let age = now - delivery.createdAt
        guard let delay = RetryPolicy(maximumAge: maximumAge).delay(afterAttempts: attempts, age: age) else {
            return givenUp(failure, delivery, exhausted: .age, reason: reason)
        }
        // Half of the wait is left to chance, so that those who failed together do not come back together.
        let half = delay.wholeMilliseconds / 2
        let jittered = Duration.milliseconds(half + Int64(random.number(below: UInt64(half) + 1)))
        return .tryAgain(after: max(jittered, failure.pause ?? .zero), reason: reason)
    }

    private func givenUp(
        _ failure: RuleTargetFailure, _ delivery: DeliveryRecord, exhausted: RuleTargetFailure.Exhausted?, reason: String
    ) -> DeliveryOutcome {
        let message = deadLetter?.message(input: input, failure, retries: delivery.attempts, exhausted: exhausted)
        return message.map { .deadLettered($0, reason: reason) } ?? .failed(reason: reason)
    }
}
