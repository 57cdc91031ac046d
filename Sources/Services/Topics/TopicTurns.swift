import Synchronization

/// Lets one task at a time publish to a message group of a FIFO topic, in the order of asking: sequence numbers ascend in the order in
/// which the group's messages reach the queues. Groups do not wait for one another.
final class TopicTurns: Sendable {
    private struct Group: Hashable {
        let topic: TopicName
        let id: String
    }

    /// Who waits for a group's turn; a group that nobody publishes to has no entry.
    private let waiting = Mutex<[Group: [CheckedContinuation<Void, Never>]]>([:])

    /// Runs `body` when it is this task's turn in all of the groups.
    func take<Value>(_ topic: TopicName, groups: Set<String>, _ body: () async throws -> Value) async rethrows -> Value {
        // In one order for everybody, so that no two wait for each other.
        let groups = groups.sorted().map { Group(topic: topic, id: $0) }
        for group in groups { await begin(group) }
        defer { for group in groups { end(group) } }
        return try await body()
    }

    /// A turn is short, so that a cancelled task waits for it all the same.
    private func begin(_ group: Group) async {
        await withCheckedContinuation { continuation in
            let isFree = waiting.withLock { waiting in
                guard waiting[group] != nil else {
                    waiting[group] = []
                    return true
                }
                waiting[group]?.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    private func end(_ group: Group) {
        let next = waiting.withLock { waiting -> CheckedContinuation<Void, Never>? in
            guard let first = waiting[group]?.first else {
                waiting[group] = nil
                return nil
            }
            waiting[group]?.removeFirst()
            return first
        }
        next?.resume()
    }
}
