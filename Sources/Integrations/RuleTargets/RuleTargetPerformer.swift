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
/// rule 1, "internal" and "deduplicated"). What goes into a queue or onto another bus goes there in the transaction that ends the
/// delivery. A target that is busy or out of order is tried again as its retry policy says; one that cannot be called at all is not.
package final class RuleTargetPerformer: DeliveryPerformer {
    /// What is connected once, before the queue runs: these parts need the deliveries' queue themselves.
    private struct Connections {
        var operations = OperationRegistry()
        var queues: (any QueueSender)?
        var router: EventRouter?
    }

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
    private let connections = Mutex(Connections())

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
        connections.withLock { $0.operations = operations }
    }

    /// Gives the performer the queues and buses that it may put events into.
    package func connect(queues: any QueueSender, router: EventRouter) {
        connections.withLock {
            $0.queues = queues
            $0.router = router
        }
    }

    package func perform(_ delivery: DeliveryRecord, now: Timestamp) async -> DeliveryOutcome {
        guard let event = RuleTargetDelivery(encoded: delivery.body) else {
            return .failed(reason: "The stored event cannot be read.")
        }
        do throws(RuleTargetFailure) {
            return try await send(event, delivery)
        } catch {
            return event.outcome(of: error, delivery, now: now, random: random)
        }
    }

    private func send(_ event: RuleTargetDelivery, _ delivery: DeliveryRecord) async throws(RuleTargetFailure) -> DeliveryOutcome {
        guard let arn = ARN(event.targetARN) else {
            throw RuleTargetFailure(.invalidParameter, "The target's ARN is none: \(event.targetARN)")
        }
        guard arn.account == delivery.account || arn.service == "ssm", arn.region == region || arn.region.isEmpty else {
            throw RuleTargetFailure(.noPermissions, "Targets of other accounts and regions are not supported by Nightshift.")
        }
        switch (arn.service, arn.resourceType) {
        case ("sqs", _):
            try await sendToQueue(event, arn, delivery)
            return .settled
        case ("events", "event-bus"):
            try await sendToBus(event, arn, delivery)
            return .settled
        case ("logs", "log-group"):
            try await log(event, arn, delivery)
            return .delivered
        default:
            try await call(RuleTargetCall(event, arn, deliveryID: delivery.id), event, delivery)
            return .delivered
        }
    }

    private func sendToQueue(_ event: RuleTargetDelivery, _ arn: ARN, _ delivery: DeliveryRecord) async throws(RuleTargetFailure) {
        guard let queues = connections.withLock({ $0.queues }) else {
            throw RuleTargetFailure(.internalError, "There are no queues.", isTransient: true)
        }
        let message = OutgoingMessage(
            queue: QueueName(account: arn.account, name: arn.resource), body: event.input, groupID: event.messageGroupID,
            senderID: RuleTargetDelivery.senderID)
        do throws(QueueError) {
            _ = try await queues.send([message], with: [DeliveryStore.completeOnce(delivery.id)])
        } catch {
            // An earlier attempt did it, and its answer was lost.
            if case .store(let failure) = error, failure.code == .conflict { return }
            throw RuleTargetFailure(error)
        }
    }

    private func sendToBus(_ event: RuleTargetDelivery, _ arn: ARN, _ delivery: DeliveryRecord) async throws(RuleTargetFailure) {
        guard !event.isForwarded else {
            throw RuleTargetFailure(
                .thirdAccountHopDetected, "Events received from another event bus cannot be forwarded to this event bus.")
        }
        let name = arn.resourceID ?? ""
        guard let router = connections.withLock({ $0.router }), let value = try? JSONParser.parse(event.input),
            var forwarded = BusEvent(value, bus: name)
        else { throw RuleTargetFailure(.invalidJSON, "The input is no event.") }
        forwarded.isForwarded = true
        do {
            guard try await router.exists(bus: name, account: arn.account) else {
                throw RuleTargetFailure(.noResource, "Event bus \(name) does not exist.")
            }
            try await router.put([forwarded], with: [DeliveryStore.completeOnce(delivery.id)])
        } catch {
            if let failure = error as? RuleTargetFailure { throw failure }
            // As for queues.
            if (error as? StoreError)?.code == .conflict { return }
            throw RuleTargetFailure(.internalError, "The server's database is not available.", isTransient: true)
        }
    }

    /// Writes into the stream of the rule's target, which is made at its first event.
    private func log(_ event: RuleTargetDelivery, _ arn: ARN, _ delivery: DeliveryRecord) async throws(RuleTargetFailure) {
        let entry = LogTargetEvent(input: event.input, at: clock.now)
        let name = arn.resourceID ?? ""
        let group = JSONValue.text(name.hasSuffix(":*") ? String(name.dropLast(2)) : name)
        let rule = ARN(event.ruleARN)?.resourceID ?? ""
        let stream = JSONValue.text("\(rule)/\(event.targetID)")
        let operations = operations(delivery, event)
        let parameters: JSONValue = [
            "logGroupName": group, "logStreamName": stream,
            "logEvents": [["timestamp": .integer(entry.timestamp.milliseconds), "message": .text(entry.message)]],
        ]
        do throws(TaskOperations.Failure) {
            do throws(TaskOperations.Failure) {
                _ = try await operations.call(service: "logs", operation: "PutLogEvents", parameters: parameters)
            } catch {
                guard error.error.code == "ResourceNotFoundException" else { throw error }
                do throws(TaskOperations.Failure) {
                    _ = try await operations.call(
                        service: "logs", operation: "CreateLogStream", parameters: ["logGroupName": group, "logStreamName": stream])
                } catch {
                    guard error.error.code == "ResourceAlreadyExistsException" else { throw error }
                }
                _ = try await operations.call(service: "logs", operation: "PutLogEvents", parameters: parameters)
            }
        } catch {
            throw RuleTargetFailure(error)
        }
    }

    private func call(
        _ call: RuleTargetCall, _ event: RuleTargetDelivery, _ delivery: DeliveryRecord
    ) async throws(RuleTargetFailure) {
        do throws(TaskOperations.Failure) {
            _ = try await operations(delivery, event).call(
                service: call.service, operation: call.operation, parameters: call.parameters)
        } catch {
            // The name belongs to this delivery alone: an earlier attempt has started it, and it has ended since.
            if error.error.code == "ExecutionAlreadyExists" { return }
            throw RuleTargetFailure(error)
        }
    }

    private func operations(_ delivery: DeliveryRecord, _ event: RuleTargetDelivery) -> TaskOperations {
        let role = event.roleARN?.split(separator: "/").last.map(String.init)
        return TaskOperations(
            registry: connections.withLock { $0.operations }, catalogue: catalogue,
            context: RequestContext(
                requestID: identifiers.uuid(), account: delivery.account, region: region,
                principal: Principal(
                    accessKeyID: "",
                    arn: role.map { "arn:aws:sts::\(delivery.account):assumed-role/\($0)/nightshift-events" } ?? event.ruleARN,
                    name: role ?? "events"),
                receivedAt: clock.now, endpoint: endpoint, logger: logger, dedupeKey: delivery.id), clock: clock)
    }
}
