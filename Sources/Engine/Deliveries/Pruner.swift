package import Logging
import ServiceLifecycle
import StatesInterpreter
package import Store
package import TimeSource

/// What is forgotten after how long.
package struct PruningRule: Sendable {
    /// What it is about, for the log.
    package let name: String
    /// How long rows are kept.
    package let retention: Duration
    /// Deletes rows older than an instant, no more than the number: long deletions would delay other writers.
    package let statement: @Sendable (_ before: Timestamp, _ limit: Int) -> Statement

    /// A rule.
    package init(name: String, retention: Duration, statement: @escaping @Sendable (_ before: Timestamp, _ limit: Int) -> Statement) {
        self.name = name
        self.retention = retention
        self.statement = statement
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
}

/// Deletes in the background what is no longer needed, once at the start and then every hour.
package final class Pruner: Service {
    private static let interval = Duration.seconds(3_600)
    private static let step = 500

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
            while !Task.isCancelled {
                for rule in self.rules { await self.apply(rule) }
                try? await self.clock.sleep(for: Pruner.interval)
            }
        }
    }

    /// Applies a rule once. An error is logged; the next round tries again.
    package func apply(_ rule: PruningRule) async {
        let before = clock.now.wall - rule.retention
        while !Task.isCancelled {
            do {
                let deleted = try await database.apply([rule.statement(before, Pruner.step)]).first?.changes ?? 0
                guard deleted == Pruner.step else { return }
            } catch {
                logger.warning("pruning failed", metadata: ["rule": "\(rule.name)", "error": "\(error)"])
                return
            }
        }
    }
}
