import AWSProtocols
import EventPatterns
import JSONCore
import Store
import TimeSource

/// A target of a rule, ready to be given events: by rules for events and by schedules alike.
struct RuleTarget: Sendable {
    /// How an event gets to the target.
    enum Path: Sendable, Hashable {
        /// Into a queue of the same account, in the transaction that accepts the event.
        case queue(QueueName)
        /// Onto another bus of the same account, likewise.
        case bus(String)
        /// By a delivery of this kind.
        case delivery(kind: String)
    }

    /// The target as stored.
    let record: RuleTargetRecord
    /// Its settings, read.
    let settings: RuleTargetSettings
    /// How events get there.
    let path: Path
    /// The rule's ARN.
    let ruleARN: String
    /// The rule's name.
    let ruleName: String
    /// The account of both.
    let account: String
    /// The role in whose name it is called.
    let roleARN: String?

    /// Reads a stored target.
    init(_ record: RuleTargetRecord, of rule: RuleRecord, region: String) throws(RuleTargetSettings.Fault) {
        self.record = record
        settings = try RuleTargetSettings(record)
        ruleARN = rule.arn(region: region)
        ruleName = rule.name
        account = rule.account
        roleARN = settings.roleARN ?? rule.roleARN
        path = RuleTarget.path(to: record.arn, account: rule.account, region: region)
    }

    private static func path(to text: String, account: String, region: String) -> Path {
        guard let arn = ARN(text) else { return .delivery(kind: RuleTargetDelivery.kind) }
        let isOwn = arn.account == account && arn.region == region
        switch (arn.service, arn.resourceType) {
        case ("sqs", _) where isOwn: return .queue(QueueName(account: account, name: arn.resource))
        case ("events", "event-bus") where isOwn: return .bus(arn.resourceID ?? "")
        case ("events", "api-destination"): return .delivery(kind: RuleTargetDelivery.apiDestinationKind)
        case ("lambda", _): return .delivery(kind: FunctionDelivery.kind)
        default: return .delivery(kind: RuleTargetDelivery.kind)
        }
    }

    /// What the target is given of an event.
    func input(for event: inout RoutedEvent) -> String {
        settings.text(
            for: &event,
            context: InputTransformer.Context(ruleARN: ruleARN, ruleName: ruleName, ingestedAt: event.ingestedAt))
    }

    /// The message for a target that is a queue.
    func message(for queue: QueueName, _ event: inout RoutedEvent) -> OutgoingMessage {
        OutgoingMessage(
            queue: queue, body: input(for: &event), traceHeader: event.traceHeader, groupID: settings.messageGroupID,
            senderID: RuleTargetDelivery.senderID)
    }

    /// The delivery of an event to this target.
    /// - Parameters:
    ///   - id: the delivery's id.
    ///   - instant: engine time, which its age counts from.
    func delivery(of event: inout RoutedEvent, id: String, createdAt instant: Timestamp) -> DeliveryRecord {
        let input = input(for: &event)
        let deadLetter = settings.deadLetterARN.map { queue in
            RuleDeadLetter(
                queueARN: queue, ruleARN: ruleARN, targetARN: record.arn, event: settings.isWholeEvent ? nil : event.text,
                traceHeader: event.traceHeader)
        }
        guard case .delivery(let kind) = path, kind == FunctionDelivery.kind else {
            return DeliveryRecord(
                id: id, account: account, kind: kind, createdAt: instant,
                body: RuleTargetDelivery(
                    ruleARN: ruleARN, targetID: record.id, eventID: event.id, targetARN: record.arn, input: input, roleARN: roleARN,
                    commandTargets: settings.commandTargets, httpParameters: settings.httpParameters(for: event.value),
                    messageGroupID: settings.messageGroupID, maximumRetries: settings.maximumRetries, maximumAge: settings.maximumAge,
                    deadLetter: deadLetter, isForwarded: event.isForwarded
                ).encoded)
        }
        // A function's event is accepted by this very row, as if it had been invoked asynchronously: there is nothing left to call.
        return DeliveryRecord(
            id: id, account: account, kind: kind, createdAt: instant,
            body: FunctionDelivery(functionARN: record.arn, payload: Array(input.utf8), deadLetter: deadLetter).encoded)
    }

    /// The kind of the target's deliveries.
    private var kind: String {
        if case .delivery(let kind) = path { kind } else { RuleTargetDelivery.kind }
    }
}
