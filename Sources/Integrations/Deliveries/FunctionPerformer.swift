package import Engine
package import Store
package import TimeSource

/// Delivers asynchronous invocations of functions (AWS Lambda Developer Guide, "Invoking a Lambda function asynchronously").
///
/// A function that failed is run twice more, after one and two minutes. One that could not be started is tried for six hours, less and
/// less often. Invocations are unrepeatable: one that a crash cut off counts as a run that failed, and is run again at the start.
package struct FunctionPerformer: DeliveryPerformer {
    /// `function`.
    package let kind = FunctionDelivery.kind
    /// A function promises nothing about repetitions.
    package let effectClass = EffectClass.unrepeatable
    /// The pool bounds how many run; these wait for it.
    package let concurrency: Int

    private static let maximumAge = Duration.seconds(6 * 3_600)

    private let invoker: any FunctionInvoker

    /// Invokes by an invoker, so many side by side.
    package init(invoker: any FunctionInvoker, concurrency: Int = 100) {
        self.invoker = invoker
        self.concurrency = concurrency
    }

    package func perform(_ delivery: DeliveryRecord, now: Timestamp) async -> DeliveryOutcome {
        guard let invocation = FunctionDelivery(encoded: delivery.body) else {
            return .failed(reason: "The stored invocation cannot be read.")
        }
        let outcome = await invoker.invokeForEvent(
            function: invocation.functionARN, account: delivery.account, payload: invocation.payload, requestID: delivery.id)
        switch outcome {
        case .succeeded: return .delivered
        case .refused(let reason): return giveUp(invocation, .init(.noResource, reason), delivery)
        case .failed(let reason): return retry(delivery, reason)
        case .notStarted(let reason):
            let age = now - delivery.createdAt
            guard age < FunctionPerformer.maximumAge else {
                return giveUp(invocation, .init(.throttling, reason), delivery, exhausted: .age)
            }
            return .postponed(for: min(max(.seconds(1), age / 8), .seconds(300)), reason: reason)
        }
    }

    /// It counts as a run, and the next one is at once: it was the server that failed, and waiting mends nothing.
    package func unknownOutcome(of delivery: DeliveryRecord, now: Timestamp) -> DeliveryOutcome {
        retry(delivery, DeliveryQueue.unknownOutcomeReason, after: .zero)
    }

    private func retry(_ delivery: DeliveryRecord, _ reason: String, after pause: Duration? = nil) -> DeliveryOutcome {
        let runs = delivery.attempts + 1
        guard runs < FunctionDelivery.maximumAttempts else {
            return FunctionDelivery(encoded: delivery.body).map {
                giveUp($0, .init(.errorFromTarget, reason), delivery, exhausted: .attempts)
            } ?? .failed(reason: reason)
        }
        return .tryAgain(after: pause ?? .seconds(60 * runs), reason: reason)
    }

    /// What becomes of an invocation that is not tried again: the event of a rule goes to its target's dead-letter queue, any other to the
    /// function's.
    private func giveUp(
        _ invocation: FunctionDelivery, _ failure: RuleTargetFailure, _ delivery: DeliveryRecord,
        exhausted: RuleTargetFailure.Exhausted? = nil
    ) -> DeliveryOutcome {
        let input = String(decoding: invocation.payload, as: UTF8.self)
        let letter =
            invocation.deadLetter.map { $0.message(input: input, failure, retries: delivery.attempts, exhausted: exhausted) }
            ?? invoker.deadLetterQueue(function: invocation.functionARN, account: delivery.account).map {
                FunctionPerformer.letter(input, to: $0, delivery, failure)
            }
        return letter.map { .deadLettered($0, reason: failure.message) } ?? .failed(reason: failure.message)
    }

    /// AWS Lambda Developer Guide, "Adding a dead-letter queue": the event, with the request's id and the error as attributes.
    private static func letter(
        _ event: String, to queue: QueueName, _ delivery: DeliveryRecord, _ failure: RuleTargetFailure
    ) -> OutgoingMessage {
        let facts = [("RequestID", "String", delivery.id), ("ErrorCode", "Number", "200"), ("ErrorMessage", "String", failure.message)]
        return OutgoingMessage(
            queue: queue, body: event,
            attributes: facts.map { QueueMessageAttribute(name: $0, dataType: $1, value: .string($2)) },
            senderID: delivery.account)
    }

}
