package import Store
package import TimeSource

/// How an attempt to deliver went.
package enum DeliveryOutcome: Sendable, Hashable {
    /// It arrived; nothing is left to do.
    case delivered
    /// As `delivered`, and its row is deleted already: in the transaction that delivered it inside of this database.
    case settled
    /// It did not, and is to be attempted again after this long. The reason is for the operator.
    case tryAgain(after: Duration, reason: String)
    /// It was not attempted, and is to be in a while: as `tryAgain`, but it does not count as an attempt.
    case postponed(for: Duration, reason: String)
    /// It will never arrive: kept among the failed ones with the reason.
    case failed(reason: String)
    /// As `failed`, but it has a dead-letter queue: its row is deleted and this message put into the queue in one transaction. Kept among
    /// the failed ones when the queue does not take the message.
    case deadLettered(OutgoingMessage, reason: String)
}

/// Delivers one kind of deliveries. Integrations conform; `DeliveryQueue` calls.
package protocol DeliveryPerformer: Sendable {
    /// The kind, as stored with each delivery.
    var kind: String { get }

    /// What is done with a delivery whose attempt a crash cut off. A deduplicated one is attempted again, and its receiver knows it by
    /// its id. An unrepeatable one is marked as started before each attempt, and `unknownOutcome` decides.
    var effectClass: EffectClass { get }

    /// How many attempts of this kind run side by side. Other kinds do not wait for them.
    var concurrency: Int { get }

    /// Makes one attempt. Ends soon after its task is cancelled; what it then answers is not recorded unless it is `.delivered`.
    ///
    /// - Parameter now: engine time, the clock of `createdAt`.
    func perform(_ delivery: DeliveryRecord, now: Timestamp) async -> DeliveryOutcome

    /// Decides about a delivery that a server which is no more had started: it may have arrived or not.
    func unknownOutcome(of delivery: DeliveryRecord, now: Timestamp) -> DeliveryOutcome
}

extension DeliveryPerformer {
    /// For deduplicated kinds, whose next attempt is recognised: it is made at once.
    package func unknownOutcome(of delivery: DeliveryRecord, now: Timestamp) -> DeliveryOutcome {
        .tryAgain(after: .zero, reason: DeliveryQueue.unknownOutcomeReason)
    }
}
