import EventPatterns
import JSONCore
import Store
import TimeSource

/// What one transaction accepts: messages for queues, deliveries for all other targets.
struct RoutePlan {
    /// A message, and what it was made of in case its queue does not take it.
    struct Message {
        let message: OutgoingMessage
        let target: RuleTarget
        var event: RoutedEvent
    }

    /// The target by which an event goes to another bus.
    struct Sender {
        let target: RuleTarget
        let event: RoutedEvent
    }

    /// Messages for queues, in the order of the events.
    private(set) var messages: [Message] = []
    /// Deliveries for other targets.
    private(set) var deliveries: [DeliveryRecord] = []

    private let engineNow: Timestamp
    private let wallNow: Timestamp
    private let identifiers: IdentifierSource

    /// An empty plan.
    init(engineNow: Timestamp, wallNow: Timestamp, identifiers: IdentifierSource) {
        self.engineNow = engineNow
        self.wallNow = wallNow
        self.identifiers = identifiers
    }

    /// Adds what the rules of a bus make of an event.
    /// - Parameters:
    ///   - value: the event as patterns see it.
    ///   - arns: the ARNs of the only rules that see it; nil for all.
    /// - Returns: the event for each other bus that a rule sends it to.
    mutating func route(_ event: BusEvent, _ value: JSONValue, by bus: BusRules, only arns: Set<String>?) -> [(BusEvent, Sender?)] {
        var forwarded: [(BusEvent, Sender?)] = []
        var routed = RoutedEvent(
            id: event.id, value: value, ingestedAt: wallNow, traceHeader: event.traceHeader, isForwarded: event.isForwarded)
        for rule in bus.matching(value) {
            if let arns, !arns.contains(rule.arn) { continue }
            for target in rule.targets {
                switch target.path {
                case .queue(let name):
                    messages.append(Message(message: target.message(for: name, &routed), target: target, event: routed))
                // "EventBridge can't route events received from a sender event bus to a third event bus" (EventBridge User Guide, "Sending
                // and receiving events between event buses"): such a delivery fails, and says so.
                case .bus(let name) where !event.isForwarded:
                    var copy = event
                    copy.bus = name
                    copy.isForwarded = true
                    forwarded.append((copy, Sender(target: target, event: routed)))
                case .bus, .delivery:
                    deliveries.append(target.delivery(of: &routed, id: identifiers.orderedUUID(), createdAt: engineNow))
                }
            }
        }
        return forwarded
    }

    /// Adds a delivery for an event whose other bus does not exist: it fails, with a dead letter where the target has a queue for them.
    mutating func fail(_ sender: Sender) {
        var event = sender.event
        deliveries.append(sender.target.delivery(of: &event, id: identifiers.orderedUUID(), createdAt: engineNow))
    }

    /// Makes deliveries of the messages of which `isRefused` holds.
    /// - Returns: whether there were any.
    @discardableResult
    mutating func redirect(where isRefused: (OutgoingMessage) -> Bool) -> Bool {
        let refused = messages.filter { isRefused($0.message) }
        guard !refused.isEmpty else { return false }
        messages.removeAll { isRefused($0.message) }
        for entry in refused {
            var event = entry.event
            deliveries.append(entry.target.delivery(of: &event, id: identifiers.orderedUUID(), createdAt: engineNow))
        }
        return true
    }
}
