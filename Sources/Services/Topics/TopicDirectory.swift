import Logging
import Store
import Synchronization

/// Topics with their confirmed subscriptions and compiled filters, in memory: so that publishing reads nothing.
///
/// Read at first use. Whoever changes a topic or its subscriptions calls `forget` after the commit and before the answer; what was
/// read before that is not kept.
final class TopicDirectory: Sendable {
    private struct State {
        var topics: [TopicName: TopicFanout] = [:]
        /// Ascends with each change of any topic.
        var generation = 0
    }

    /// So many are kept; topics have few subscriptions as a rule, and reading one again is cheap.
    private static let capacity = 10_000

    private let database: any Database
    private let logger: Logger
    private let state = Mutex(State())

    init(database: any Database, logger: Logger) {
        self.database = database
        self.logger = logger
    }

    /// A topic and who gets its messages; nil when there is none of this name.
    func fanout(of name: TopicName) async throws -> TopicFanout? {
        let (known, generation) = state.withLock { ($0.topics[name], $0.generation) }
        if let known { return known }
        let found = try await database.read { transaction -> (TopicRecord, [SubscriptionRecord])? in
            guard let topic = try TopicStore.find(name: name.name, account: name.account, in: transaction) else { return nil }
            return (topic, try SubscriptionStore.confirmed(topic: topic.id, in: transaction))
        }
        guard let (topic, subscriptions) = found else { return nil }
        let fanout = TopicFanout(topic: topic, subscribers: subscriptions.map { TopicSubscriber($0, logger: logger) })
        state.withLock { state in
            guard state.generation == generation else { return }
            if state.topics.count >= TopicDirectory.capacity { state.topics.removeAll(keepingCapacity: true) }
            state.topics[name] = fanout
        }
        return fanout
    }

    /// Forgets a topic that was changed.
    func forget(_ name: TopicName) {
        state.withLock { state in
            state.generation += 1
            state.topics[name] = nil
        }
    }
}
