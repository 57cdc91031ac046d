import StatesInterpreter
package import Store
import TimeSource

/// Forgets executions that ended long ago, in small batches with pauses between them. `docs/architecture/retention.md` tells why it
/// walks as it does.
package struct ExecutionPruner: Sendable {
    /// AWS keeps the names of closed executions for 90 days (Step Functions API, StartExecution).
    package static let shortestNameRetention = Duration.seconds(90 * 86_400)

    private let database: any Database
    private let clock: EngineClock
    private let retention: Duration
    private let pause: Duration

    /// How many rows are looked at in a read.
    private static let page = 500
    /// What one batch deletes at most, so that it holds up other writers for a few milliseconds only.
    private static let executions = 200
    private static let chunks = 500
    private static let bytes = 1 << 20

    /// A pruner that keeps executions so long after their end, and rests for `pause` after each batch.
    package init(database: any Database, clock: EngineClock, retention: Duration, pause: Duration = .milliseconds(2)) {
        self.database = database
        self.clock = clock
        self.retention = retention
        self.pause = pause
    }

    /// Walks once over all executions that started before the limit and deletes those that ended before it. What is left on the way
    /// runs, or ended late; the next walk looks at it again.
    package func pruneExecutions() async throws {
        let limit = now - retention
        try await finishHidden()
        var last: ExecutionID?
        repeat {
            let (expired, next) = try await database.read { [last] in
                try ExecutionPruning.expired(
                    before: limit, after: last, until: ExecutionID.first(at: limit), limit: ExecutionPruner.page, in: $0)
            }
            for batch in ExecutionPruner.batches(expired) { try await delete(batch, before: limit) }
            if expired.isEmpty { try await rest() }
            last = next
        } while last != nil
    }

    /// Walks once over all names and frees those whose executions are deleted and ended long enough ago.
    package func pruneNames() async throws {
        let limit = now - max(retention, ExecutionPruner.shortestNameRetention)
        var last: ExecutionPruning.Name?
        repeat {
            let (expired, next) = try await database.read { [last] in
                try ExecutionPruning.expiredNames(before: limit, after: last, limit: ExecutionPruner.page, in: $0)
            }
            if !expired.isEmpty { try await database.apply(expired.map { ExecutionPruning.free($0, before: limit) }) }
            // Nothing waits for a name: this walk may take its time.
            for _ in 0..<10 { try await rest() }
            last = next
        } while last != nil
    }

    /// Divides executions into batches of a few milliseconds; what is larger is alone.
    static func batches(_ expired: [ExecutionPruning.Expired]) -> [[ExecutionPruning.Expired]] {
        var batches: [[ExecutionPruning.Expired]] = []
        var chunks = 0
        var bytes = 0
        for execution in expired {
            chunks += execution.chunks
            bytes += execution.bytes
            if let count = batches.last?.count, count < executions, chunks <= ExecutionPruner.chunks, bytes <= ExecutionPruner.bytes {
                batches[batches.count - 1].append(execution)
            } else {
                batches.append([execution])
                chunks = execution.chunks
                bytes = execution.bytes
            }
        }
        return batches
    }

    private func delete(_ batch: [ExecutionPruning.Expired], before limit: Timestamp) async throws {
        guard let first = batch.first else { return }
        let freesNames = retention >= ExecutionPruner.shortestNameRetention
        if batch.count == 1, first.chunks > ExecutionPruner.chunks || first.bytes > ExecutionPruner.bytes {
            try await database.apply(ExecutionPruning.hide(first, before: limit, freesNames: freesNames))
            try await finishHidden()
        } else {
            try await database.apply(ExecutionPruning.delete(batch, before: limit, freesNames: freesNames))
            try await rest()
        }
    }

    /// Deletes the histories of executions that are out of sight.
    private func finishHidden() async throws {
        while let execution = try await database.read({ try ExecutionPruning.hidden(limit: 1, in: $0).first }) {
            while let end = try await database.read({
                try ExecutionPruning.piece(of: execution, rows: ExecutionPruner.chunks, bytes: ExecutionPruner.bytes, in: $0)
            }) {
                try await database.apply([ExecutionPruning.delete(execution, upTo: end)])
                try await rest()
            }
            try await database.apply([ExecutionPruning.forget(execution)])
        }
    }

    /// Of two clocks that differ the earlier: a wall clock that is wrongly set forward must not delete what nobody can bring back.
    private var now: Timestamp {
        let now = clock.now
        return min(now.engine, now.wall)
    }

    private func rest() async throws {
        if pause > .zero { try await clock.sleep(for: pause) } else { try Task.checkCancellation() }
    }
}
