import Synchronization

/// Lets one task at a time publish to a FIFO topic, in the order of asking: sequence numbers ascend in the order in which messages reach
/// the queues.
final class TopicTurns: Sendable {
    /// Who waits for a topic's turn; a topic that nobody publishes to has no entry.
    private let waiting = Mutex<[TopicName: [CheckedContinuation<Void, Never>]]>([:])

    /// Runs `body` when it is this task's turn.
    func take<Value>(_ topic: TopicName, _ body: () async throws -> Value) async rethrows -> Value {
        await begin(topic)
        defer { end(topic) }
        return try await body()
    }

    /// A turn is short, so that a cancelled task waits for it all the same.
    private func begin(_ topic: TopicName) async {
        await withCheckedContinuation { continuation in
            let isFree = waiting.withLock { waiting in
                guard waiting[topic] != nil else {
                    waiting[topic] = []
                    return true
                }
                waiting[topic]?.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    private func end(_ topic: TopicName) {
        let next = waiting.withLock { waiting -> CheckedContinuation<Void, Never>? in
            guard let first = waiting[topic]?.first else {
                waiting[topic] = nil
                return nil
            }
            waiting[topic]?.removeFirst()
            return first
        }
        next?.resume()
    }
}
