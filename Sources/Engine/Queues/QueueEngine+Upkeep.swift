import Logging
import StatesInterpreter
import Store
import TimeSource

/// What is over is deleted in the background, in small steps.
extension QueueEngine {
    private static let upkeepInterval = Duration.seconds(60)

    /// Keeps up until the task is cancelled. Restored data is left as it is until it is released.
    func keepUp() async {
        guard await hold.waitUnlessStopped() else { return }
        while !Task.isCancelled {
            await upkeep()
            await keeperBell.wait(upTo: QueueEngine.upkeepInterval, clock)
        }
    }

    /// One round. An error is logged; the next round tries again.
    func upkeep() async {
        do {
            try await deletePurged()
            try await deleteExpired()
            dropIdle()
        } catch {
            guard !Task.isCancelled else { return }
            logger.warning("upkeep of queues failed", metadata: ["error": "\(error)"])
        }
    }

    // MARK: Purges

    /// Deletes the rows of purged and of deleted queues.
    private func deletePurged() async throws {
        let purges = try await storeRead { try QueuePurgeStore.all(in: $0) }
        for purge in purges {
            while !Task.isCancelled {
                let results = try await database.apply([
                    QueueMessageStore.deleteMessages(of: purge.queue, upTo: purge.upTo, limit: limits.prune),
                    QueueMessageStore.deleteInFlight(of: purge.queue, upTo: purge.upTo, limit: limits.prune),
                    // What was sent to a purged queue is remembered.
                    QueueDeduplicationStore.prune(
                        purge.queue, upTo: purge.upTo == QueuePurgeStore.everything ? purge.upTo : 0, limit: limits.prune),
                ])
                if results.allSatisfy({ $0.changes == 0 }) { break }
            }
            guard !Task.isCancelled else { return }
            try await apply([QueuePurgeStore.end(purge)]) { state in
                if state.purges[purge.queue] == purge.upTo { state.purges[purge.queue] = nil }
            }
        }
    }

    // MARK: Retention

    private struct Overdue: Sendable {
        let record: QueueRecord
        /// The last message whose time is over; nil when there is none.
        var messages: Int64?
        /// The last digest that is forgotten; nil when there is none.
        var digests: Int64?
    }

    /// Deletes messages whose retention is over, and what no duplicate is looked for any more. Places grow with the time, so that both are
    /// the first rows of their queue. (A message that came from a standard queue is over earlier than its place says; it is passed
    /// over when it is met, and its row goes with its place.)
    private func deleteExpired() async throws {
        let records = locked { Array($0.directory.all) }
        let now = clock.now.engine
        let overdue = try await storeRead { transaction -> [Overdue] in
            var overdue: [Overdue] = []
            for record in records {
                var found = Overdue(record: record)
                let last = MessageSequence.last(before: now - record.attributes.retention)
                if let first = try QueueMessageStore.firstSequence(of: record.id, in: transaction), first <= last { found.messages = last }
                let forgotten = MessageDeduplication.lastForgotten(at: now)
                if record.isFIFO, let first = try QueueDeduplicationStore.firstSequence(of: record.id, in: transaction), first <= forgotten
                {
                    found.digests = forgotten
                }
                if found.messages != nil || found.digests != nil { overdue.append(found) }
            }
            return overdue
        }
        for found in overdue {
            if let last = found.messages { try await deleteExpired(of: found.record.id, upTo: last) }
            guard let last = found.digests else { continue }
            try await repeatUntilDone { [limit = limits.prune] in
                QueueDeduplicationStore.prune(found.record.id, upTo: last, limit: limit)
            }
        }
    }

    private func deleteExpired(of id: Int64, upTo last: Int64) async throws {
        let limit = limits.prune
        while !Task.isCancelled {
            // A queue that is just being loaded counts its rows: not now.
            let isLoading = locked { state in state.live[id].map { !$0.isLoaded && $0.isReading } ?? false }
            guard !isLoading else { return }
            let deleted = await withCheckedContinuation { (continuation: CheckedContinuation<Result<Int, StoreError>, Never>) in
                locked { state in
                    handOver([QueueMessageStore.deleteMessages(of: id, upTo: last, limit: limit)], &state) {
                        engine, state, error, results in
                        let changes = results.first?.changes ?? 0
                        if error == nil, let queue = state.live[id] {
                            // Rows go in the order of places, so that only after the last step all up to `last` are gone.
                            if changes < limit {
                                queue.expire(upTo: last, deleted: changes)
                            } else {
                                queue.total = max(0, queue.total - changes)
                            }
                            engine.serve(queue, &state)
                        }
                        continuation.resume(returning: error.map { .failure($0) } ?? .success(changes))
                    }
                }
            }
            guard try deleted.get() == limit else { break }
        }
        try await repeatUntilDone { QueueMessageStore.deleteInFlight(of: id, upTo: last, limit: limit) }
    }

    private func repeatUntilDone(_ statement: @Sendable () -> Statement) async throws {
        while !Task.isCancelled {
            guard try await database.apply([statement()]).first?.changes == limits.prune else { return }
        }
    }

    // MARK: Memory

    /// Drops queues from memory that were not used for longest, when there are many.
    private func dropIdle() {
        locked { state in
            guard state.live.count > limits.queues else { return }
            let idle = state.live.values.filter(\.isIdle).sorted { $0.usedAt < $1.usedAt }
            for queue in idle.prefix(state.live.count - limits.queues) {
                queue.invalidate()
                state.live[queue.id] = nil
            }
        }
    }
}
