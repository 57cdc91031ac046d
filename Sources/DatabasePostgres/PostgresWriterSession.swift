import Logging
import Store

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The writer's connection, and what becomes of a group when it is lost.
///
/// | lost | what the server did | what is done |
/// |---|---|---|
/// | before COMMIT was sent | nothing | connect again, run the group again |
/// | after COMMIT was sent | known by the node's batch number (core rule 4) | connect again, read it; answer, or run the group again |
/// | and no connection in time | nobody knows | all fail: `.unknown` if COMMIT was sent |
///
/// Without a fence, that is before the node has begun its incarnation, nothing tells what a lost commit did: it fails as `.unknown`.
final class PostgresWriterSession {
    private let configuration: PostgresConfiguration
    private let fence: PostgresFence
    private let logger: Logger
    private var connection: PostgresConnection

    typealias Outcome = Result<[StatementResult], StoreError>

    /// A group is run so many times before a connection that is lost each time is blamed on the group.
    private static let attempts = 3

    private static let begin = Statement("BEGIN")
    private static let commit = Statement("COMMIT")
    private static let rollback = Statement("ROLLBACK")
    private static let savepoint = Statement("SAVEPOINT batch")
    private static let rollbackToSavepoint = Statement("ROLLBACK TO SAVEPOINT batch")
    private static let release = Statement("RELEASE SAVEPOINT batch")

    /// Connects.
    init(_ configuration: PostgresConfiguration, fence: PostgresFence, logger: Logger) throws(StoreError) {
        self.configuration = configuration
        self.fence = fence
        self.logger = logger
        connection = try PostgresConnection(configuration.url)
    }

    /// Commits batches in one transaction. Answers what became of each.
    func commit(_ group: [[Statement]]) -> [Outcome] {
        var failure = StoreError(.unavailable)
        for _ in 0..<PostgresWriterSession.attempts {
            if connection.isLost, let error = reconnect() { return group.map { _ in .failure(error) } }
            let sequence = fence.current.map { $0.sequence + 1 }
            var outcomes: [Outcome]
            do throws(StoreError) {
                try connection.refresh()
                outcomes = try run(group)
            } catch {
                if !connection.isLost {
                    _ = try? connection.exchange([PostgresWriterSession.rollback])
                    if !connection.isLost { return group.map { _ in .failure(error) } }
                }
                failure = error
                continue
            }
            do throws(StoreError) {
                _ = try connection.exchange([PostgresWriterSession.commit])
            } catch {
                if !connection.isLost { return group.map { _ in .failure(error) } }
                failure = error
                switch resolve(sequence, after: error) {
                case .success(true): break
                case .success(false): continue
                case .failure(let unknown): return group.map { _ in .failure(unknown) }
                }
            }
            if let sequence { fence.applied(sequence) }
            return outcomes
        }
        return group.map { _ in .failure(failure) }
    }

    /// Runs a group up to its commit.
    private func run(_ group: [[Statement]]) throws(StoreError) -> [Outcome] {
        do throws(StoreError) {
            return try runTogether(group)
        } catch {
            // Only a batch's own fault concerns that batch alone; a full disk or a lost fence is everybody's.
            guard group.count > 1, !connection.isLost, error.isOwnFault else { throw error }
            _ = try connection.exchange([PostgresWriterSession.rollback])
            return try runOneByOne(group)
        }
    }

    private func runTogether(_ group: [[Statement]]) throws(StoreError) -> [Outcome] {
        var statements = opening
        let first = statements.count
        for batch in group { statements += batch }
        let results = try connection.exchange(statements)
        try checkFence(results)
        var outcomes: [Outcome] = []
        outcomes.reserveCapacity(group.count)
        var next = first
        for batch in group {
            let own = results[next..<next + batch.count]
            try check(own, of: batch)
            outcomes.append(.success(Array(own)))
            next += batch.count
        }
        return outcomes
    }

    private func runOneByOne(_ group: [[Statement]]) throws(StoreError) -> [Outcome] {
        try checkFence(connection.exchange(opening))
        var outcomes: [Outcome] = []
        var settling: [Statement] = []
        for batch in group {
            do throws(StoreError) {
                let before = settling + [PostgresWriterSession.savepoint]
                settling = [PostgresWriterSession.release]
                let results = try connection.exchange(before + batch).dropFirst(before.count)
                try check(results, of: batch)
                outcomes.append(.success(Array(results)))
            } catch {
                guard error.isOwnFault, !connection.isLost else { throw error }
                settling = [PostgresWriterSession.rollbackToSavepoint, PostgresWriterSession.release]
                outcomes.append(.failure(error))
            }
        }
        _ = try connection.exchange(settling)
        return outcomes
    }

    /// How a transaction begins: it proves first that the node is still ours.
    private var opening: [Statement] {
        guard let (holder, sequence) = fence.current else { return [PostgresWriterSession.begin] }
        return [PostgresWriterSession.begin, holder.advance(to: sequence + 1)]
    }

    private func checkFence(_ results: [StatementResult]) throws(StoreError) {
        guard let (holder, _) = fence.current, results[1].changes != 1 else { return }
        throw PostgresWriterSession.fenced(holder)
    }

    private func check(_ results: ArraySlice<StatementResult>, of batch: [Statement]) throws(StoreError) {
        for (statement, result) in zip(batch, results) {
            if case .changes(let expected) = statement.expectation, result.changes != expected {
                throw StoreError(.conflict, detail: "\(result.changes) rows instead of \(expected) by: \(statement.sql)")
            }
        }
    }

    private static func fenced(_ holder: NodeFence) -> StoreError {
        StoreError(.fenced, detail: "node \(holder.node) is no longer at incarnation \(holder.incarnation)")
    }

    // MARK: - A lost connection

    /// Connects again, with pauses that grow to a second. Answers why it gave up.
    private func reconnect() -> StoreError? {
        logger.warning("the connection to the database is lost; connecting again", metadata: ["database": "\(configuration.url.redacted)"])
        let old = connection.session
        var failure = StoreError(.unavailable)
        for attempt in 0..<max(1, configuration.reconnections) {
            if attempt > 0 { usleep(UInt32(min(20 << min(attempt, 6), 1_000)) * 1_000) }
            do throws(StoreError) {
                connection = try PostgresConnection(configuration.url)
                // The server may not have noticed that its peer is gone; its transaction would hold our rows.
                _ = try connection.exchange([PostgresWriterSession.end(old)])
                logger.notice("connected to the database again")
                return nil
            } catch {
                failure = error
            }
        }
        logger.error("the database cannot be reached", metadata: ["error": "\(failure.detail)"])
        return failure
    }

    private static func end(_ session: PostgresSession) -> Statement {
        Statement(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE pid = ? AND CAST(EXTRACT(EPOCH FROM backend_start) * 1000000 AS BIGINT) = ?
            """, [.integer(session.process), .integer(session.startedAt)])
    }

    /// Finds out whether a transaction whose commit was sent, and not answered, was applied.
    private func resolve(_ sequence: Int64?, after loss: StoreError) -> Result<Bool, StoreError> {
        guard let sequence, let (holder, _) = fence.current else {
            return .failure(StoreError(.unavailable, outcome: .unknown, detail: loss.detail))
        }
        for _ in 0..<PostgresWriterSession.attempts {
            if connection.isLost, let error = reconnect() {
                return .failure(StoreError(.unavailable, outcome: .unknown, detail: error.detail))
            }
            // The lock waits for the old transaction, should it still be about to commit.
            let question = Statement("SELECT incarnation, batch_seq FROM node WHERE node = ? FOR UPDATE", [.text(holder.node)])
            guard let row = try? connection.exchange([question]).first?.rows.first, let incarnation = row.values[0].integer,
                let number = row.values[1].integer
            else { continue }
            guard incarnation == holder.incarnation else {
                let fenced = PostgresWriterSession.fenced(holder)
                return .failure(StoreError(.fenced, outcome: .unknown, detail: fenced.detail))
            }
            if number == sequence || number == sequence - 1 {
                logger.notice("a commit without an answer is resolved", metadata: ["applied": "\(number == sequence)"])
                return .success(number == sequence)
            }
            return .failure(
                StoreError(
                    .corrupted, outcome: .unknown,
                    detail: "the database is at transaction \(number), not \(sequence - 1) or \(sequence): it lost what it acknowledged"))
        }
        return .failure(StoreError(.unavailable, outcome: .unknown, detail: loss.detail))
    }
}

extension StoreError {
    /// True for a fault of one batch, which concerns no other.
    fileprivate var isOwnFault: Bool { code == .conflict || code == .invalidStatement }
}
