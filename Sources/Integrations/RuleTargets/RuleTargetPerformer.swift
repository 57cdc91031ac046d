package import APIModels
import AWSProtocols
package import Engine
import JSONCore
package import Logging
package import Services
package import Store
import Synchronization
package import TimeSource

/// Delivers events to the targets of rules, by calling the server's own operations as clients do.
///
/// Every call carries the delivery's id, or has it as its name, so that a call which is repeated after a crash is applied once (core
/// rule 1, "internal" and "deduplicated"). A target that is busy or out of order is tried again as its retry policy says; one that cannot
/// be called at all is not.
package final class RuleTargetPerformer: DeliveryPerformer {
    /// `rule-target`.
    package let kind = RuleTargetDelivery.kind
    /// The operations know a repeated call by its key.
    package let effectClass = EffectClass.deduplicated
    /// The calls end as soon as they are accepted.
    package let concurrency = 50

    private let catalogue: ModelCatalogue
    private let clock: any ClockSource
    private let identifiers: IdentifierSource
    private let random: any RandomSource
    private let region: String
    private let endpoint: String
    private let logger: Logger
    /// Set once, before the queue runs: operations themselves need the queue.
    private let registry = Mutex<OperationRegistry?>(nil)

    /// A performer for this server.
    /// - Parameter endpoint: the server's base address, for links in answers and mails.
    package init(
        catalogue: ModelCatalogue, clock: any ClockSource, identifiers: IdentifierSource, random: any RandomSource, region: String,
        endpoint: String, logger: Logger
    ) {
        self.catalogue = catalogue
        self.clock = clock
        self.identifiers = identifiers
        self.random = random
        self.region = region
        self.endpoint = endpoint
        self.logger = logger
    }

    /// Gives the performer the operations that it may call.
    package func connect(to operations: OperationRegistry) {
        registry.withLock { $0 = operations }
    }

    package func perform(_ delivery: DeliveryRecord, now: Timestamp) async -> DeliveryOutcome {
        guard let event = RuleTargetDelivery(encoded: delivery.body) else {
            return .failed(reason: "The stored event cannot be read.")
        }
        let call: RuleTargetCall
        do {
            call = try RuleTargetCall(event, deliveryID: delivery.id)
        } catch {
            return .failed(reason: error.reason)
        }
        do {
            _ = try await operations(delivery, event).call(
                service: call.service, operation: call.operation, parameters: call.parameters)
            return .delivered
        } catch {
            return outcome(of: error, delivery, event, now: now)
        }
    }

    private func outcome(
        of failure: TaskOperations.Failure, _ delivery: DeliveryRecord, _ event: RuleTargetDelivery, now: Timestamp
    ) -> DeliveryOutcome {
        // The name belongs to this delivery alone: an earlier attempt has started it, and it has ended since.
        if failure.error.code == "ExecutionAlreadyExists" { return .delivered }
        let reason = "\(failure.error.code): \(failure.error.message) (\(event.targetARN), target \(event.targetID) of \(event.ruleARN))"
        guard RuleTargetPerformer.isTransient(failure) else { return .failed(reason: reason) }
        let attempts = delivery.attempts + 1
        let policy = RetryPolicy(maximumAge: event.maximumAge)
        guard attempts <= event.maximumRetries, let delay = policy.delay(afterAttempts: attempts, age: now - delivery.createdAt)
        else { return .failed(reason: reason) }
        // Half of the wait is left to chance, so that those who failed together do not come back together.
        let half = delay.wholeMilliseconds / 2
        let jitter = Int64(random.number(below: UInt64(half) + 1))
        return .tryAgain(after: .milliseconds(half + jitter), reason: reason)
    }

    /// Whether the same call may succeed later: the target is overloaded or out of order, and did not refuse.
    static func isTransient(_ failure: TaskOperations.Failure) -> Bool {
        if failure.status == 429 || (failure.status >= 500 && failure.status != 501) { return true }
        return failure.error.code.contains("Throttl") || failure.error.code == "TooManyRequestsException"
    }

    private func operations(_ delivery: DeliveryRecord, _ event: RuleTargetDelivery) -> TaskOperations {
        let role = event.roleARN?.split(separator: "/").last.map(String.init)
        return TaskOperations(
            registry: registry.withLock { $0 } ?? OperationRegistry(), catalogue: catalogue,
            context: RequestContext(
                requestID: identifiers.uuid(), account: delivery.account, region: region,
                principal: Principal(
                    accessKeyID: "",
                    arn: role.map { "arn:aws:sts::\(delivery.account):assumed-role/\($0)/nightshift-events" } ?? event.ruleARN,
                    name: role ?? "events"),
                receivedAt: clock.now, endpoint: endpoint, logger: logger, dedupeKey: delivery.id), clock: clock)
    }
}
