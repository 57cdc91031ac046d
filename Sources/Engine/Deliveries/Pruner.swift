package import Logging
import ServiceLifecycle
import StatesInterpreter
package import Store
package import TimeSource

/// What is forgotten after how long.
package struct PruningRule: Sendable {
    /// What it is about, for the log.
    package let name: String
    /// How often it is applied.
    let interval: Duration
    /// How long after the start it is applied first.
    let delay: Duration
    /// Deletes what is over.
    package let prune: @Sendable (_ database: any Database, _ clock: EngineClock) async throws -> Void

    /// Rows at a time: long deletions would delay other writers.
    private static let step = 500

    /// A rule that is applied at the start and then after each interval. `prune` sees to it that its batches are short.
    package init(
        name: String, interval: Duration, delay: Duration,
        prune: @escaping @Sendable (_ database: any Database, _ clock: EngineClock) async throws -> Void
    ) {
        self.name = name
        self.interval = interval
        self.delay = delay
        self.prune = prune
    }

    /// A rule that is applied every hour.
    /// - Parameters:
    ///   - retention: how long rows are kept.
    ///   - statement: deletes rows older than an instant, no more than the number.
    package init(name: String, retention: Duration, statement: @escaping @Sendable (_ before: Timestamp, _ limit: Int) -> Statement) {
        self.init(name: name, interval: .seconds(3_600), delay: .zero) { database, clock in
            let before = clock.now.wall - retention
            while !Task.isCancelled {
                let deleted = try await database.apply([statement(before, PruningRule.step)]).first?.changes ?? 0
                guard deleted == PruningRule.step else { return }
            }
        }
    }

    /// Deduplication keys: a week.
    package static let inbox = PruningRule(name: "inbox", retention: InboxStore.retention) { InboxStore.prune(before: $0, limit: $1) }

    /// Deliveries that were given up: two weeks.
    package static let failedDeliveries = PruningRule(name: "failed deliveries", retention: .seconds(14 * 86_400)) {
        DeliveryStore.pruneFailed(before: $0, limit: $1)
    }

    /// Subscriptions that nobody confirmed while their token was valid: three days.
    package static let unconfirmedSubscriptions = PruningRule(
        name: "unconfirmed subscriptions", retention: .seconds(3 * 86_400)
    ) { SubscriptionStore.pruneUnconfirmed(before: $0, limit: $1) }

    /// What FIFO topics remember of messages: until it has expired. Told by the wall clock, which is close enough to engine time for what is
    /// an hour old.
    package static let topicDeduplication = PruningRule(name: "topic deduplication", retention: .seconds(3_600)) {
        TopicDeduplicationStore.prune(before: $0, limit: $1)
    }
}

/// Deletes in the background what is no longer needed, by rules that do not wait for each other.
package final class Pruner: Service {
    private let database: any Database
    private let clock: EngineClock
    private let rules: [PruningRule]
    private let hold: HoldGate
    private let logger: Logger

    /// A pruner with these rules.
    package init(database: any Database, clock: EngineClock, rules: [PruningRule], hold: HoldGate = HoldGate(), logger: Logger) {
        self.database = database
        self.clock = clock
        self.rules = rules
        self.hold = hold
        self.logger = logger
    }

    /// Prunes until the server stops. Restored data is left as it is until it is released: somebody may want to look at it.
    package func run() async throws {
        guard await hold.waitUnlessStopped() else { return }
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                for rule in self.rules { group.addTask { await self.follow(rule) } }
            }
        }
    }

    private func follow(_ rule: PruningRule) async {
        if rule.delay > .zero { try? await clock.sleep(for: rule.delay) }
        while !Task.isCancelled {
            await apply(rule)
            try? await clock.sleep(for: rule.interval)
        }
    }

    /// Applies a rule once. An error is logged; the next round tries again.
    package func apply(_ rule: PruningRule) async {
        do {
            try await rule.prune(database, clock)
        } catch {
            guard !Task.isCancelled else { return }
            logger.warning("pruning failed", metadata: ["rule": "\(rule.name)", "error": "\(error)"])
        }
    }
}
