import EventPatterns
import JSONCore
import Logging
import Store
import Synchronization

/// The enabled rules of a bus that are for events, compiled with their targets, and an index of their patterns. It does not change; a
/// change of the bus makes another one.
final class BusRules: Sendable {
    /// Whether there is such a bus.
    let exists: Bool
    /// The rules.
    let rules: [EventRule]
    private let index: PatternIndex
    /// What was asked about sources and types: `SOURCE\0TYPE`.
    private let wanted = Mutex<[String: Bool]>([:])

    private static let wantedCapacity = 1_000

    init(exists: Bool, rules: [EventRule]) {
        self.exists = exists
        self.rules = rules
        index = PatternIndex(rules.map(\.pattern))
    }

    /// Reads a bus.
    /// - Parameter previous: rules that may be used again when they have not changed.
    static func read(
        _ key: BusKey, region: String, reusing previous: BusRules?, logger: Logger, in transaction: any ReadTransaction
    ) throws(StoreError) -> BusRules {
        if key.name != RuleRecord.defaultBus, try BusStore.find(name: key.name, account: key.account, in: transaction) == nil {
            return BusRules(exists: false, rules: [])
        }
        let known = Dictionary((previous?.rules ?? []).map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        var rules: [EventRule] = []
        for record in try RuleStore.enabledEventRules(account: key.account, bus: key.name, in: transaction) {
            if let rule = known[record.id], rule.revision == record.revision {
                rules.append(rule)
                continue
            }
            let targets = try RuleTargetStore.list(rule: record.id, limit: .max, in: transaction)
            if let rule = EventRule(record, targets: targets, region: region, logger: logger) { rules.append(rule) }
        }
        return BusRules(exists: true, rules: rules)
    }

    /// The rules that want an event.
    func matching(_ event: JSONValue) -> [EventRule] {
        let event = EventPattern.prepared(event)
        return index.candidates(for: event).compactMap { position in
            let rule = rules[position]
            return rule.pattern.matches(prepared: event) ? rule : nil
        }
    }

    /// Whether a rule may want an event of this source and type, whatever else is in it.
    func mayWant(source: String, detailType: String) -> Bool {
        let question = "\(source)\u{0}\(detailType)"
        if let answer = wanted.withLock({ $0[question] }) { return answer }
        let facts: [JSONString: JSONValue] = ["source": .text(source), "detail-type": .text(detailType)]
        let answer = rules.contains { $0.pattern.mayMatch(facts) }
        wanted.withLock { wanted in
            if wanted.count >= BusRules.wantedCapacity { wanted.removeAll() }
            wanted[question] = answer
        }
        return answer
    }
}

/// A rule for events, compiled.
final class EventRule: Sendable {
    /// Its own id.
    let id: String
    /// Which change of it this is.
    let revision: Int64
    /// Its ARN.
    let arn: String
    /// Its name.
    let name: String
    /// Which events it is for.
    let pattern: EventPattern
    /// What they are sent to.
    let targets: [RuleTarget]

    /// Compiles a rule; nil when its stored pattern cannot be read, which is logged. Nor are its targets' that cannot be used.
    init?(_ record: RuleRecord, targets: [RuleTargetRecord], region: String, logger: Logger) {
        id = record.id
        revision = record.revision
        arn = record.arn(region: region)
        name = record.name
        guard let text = record.eventPattern, let pattern = try? EventPattern(parsing: String(decoding: text, as: UTF8.self)) else {
            logger.error("a rule's event pattern cannot be read; it matches nothing", metadata: ["rule": "\(record.arn(region: region))"])
            return nil
        }
        self.pattern = pattern
        var usable: [RuleTarget] = []
        for target in targets {
            do throws(RuleTargetSettings.Fault) {
                usable.append(try RuleTarget(target, of: record, region: region))
            } catch {
                logger.error(
                    "a rule's target cannot be called",
                    metadata: ["rule": "\(record.arn(region: region))", "target": "\(target.id)", "reason": "\(error.reason)"])
            }
        }
        self.targets = usable
    }
}
