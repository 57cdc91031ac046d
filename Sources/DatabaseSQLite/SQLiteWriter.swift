import Store
import Synchronization
import Threading

/// The one writer: a thread that takes every batch that waits and commits them together, with one synchronisation of the
/// disk for all (group commit). A lone batch is committed at once.
///
/// A batch whose guard fails must not spoil the others: the group is rolled back and run again with a savepoint around
/// each batch. That is the slow path; engines check before they write.
///
/// After a commit whose outcome is unknown nothing is written any more: later batches would build on what may not be there. The
/// process has to start again and read what is.
final class SQLiteWriter: Sendable {
    struct Request: Sendable {
        let statements: [Statement]
        let completion: @Sendable (Result<[StatementResult], StoreError>) -> Void
    }

    private enum Job {
        case commit(Request)
        case finishCheckpoint
        case copy
    }

    private let jobs = Mailbox<Job>()
    private let backups = SQLiteBackupQueue()
    private let thread: DedicatedThread
    private let fence: Fence

    /// The fence and the number of the last transaction under it. Only the writer's thread changes the number.
    private final class Fence: Sendable {
        let state = Mutex<(fence: NodeFence, sequence: Int64)?>(nil)
    }

    /// At most so many statements share a commit, which bounds the wait of the first.
    private static let groupLimit = 8_192

    /// Starts the thread, which opens its own connection and tells by `ready` how that went, and by `committed` how many
    /// frames the write-ahead log has after each transaction and how long it took.
    init(
        path: String, ready: @escaping @Sendable (StoreError?) -> Void, committed: @escaping @Sendable (Int, Duration) -> Void
    ) {
        let fence = Fence()
        self.fence = fence
        thread = DedicatedThread(name: "db-writer") { [jobs, backups] in
            do throws(StoreError) {
                let connection = try SQLiteConnection(path: path, role: .writer)
                let mode = try connection.run("PRAGMA synchronous", []).rows.first?.values.first?.integer
                guard mode == 2 else { throw StoreError(.unavailable, detail: "synchronous is \(mode ?? -1), not FULL") }
                ready(nil)
                SQLiteWriter.serve(jobs, backups, connection, fence, committed)
            } catch {
                ready(error)
                jobs.close()
                while let left = jobs.drain() {
                    for case .commit(let request) in left { request.completion(.failure(StoreError(.closed))) }
                }
            }
        }
    }

    /// Every later transaction advances this fence, from number 0.
    func setFence(_ newFence: NodeFence) {
        fence.state.withLock { $0 = (newFence, 0) }
    }

    /// Queues a batch.
    func post(_ request: Request) {
        if !jobs.post(.commit(request)) { request.completion(.failure(StoreError(.closed))) }
    }

    /// Has the database copied between the groups.
    func post(_ backup: SQLiteBackup.Order) {
        guard backups.post(backup) else { return backup.finish(StoreError(.closed)) }
        jobs.post(.copy)
    }

    /// Has the writer itself move the rest of the write-ahead log, between two groups: with nobody writing meanwhile all of it is
    /// moved, and the next transaction begins it anew. Worth asking when little is left, as commits wait for it.
    func finishCheckpoint() {
        jobs.post(.finishCheckpoint)
    }

    /// Ends the thread after what was queued.
    func close() {
        jobs.close()
    }

    /// Blocks until the thread has ended.
    func join() {
        thread.join()
    }

    private static func serve(
        _ jobs: Mailbox<Job>, _ backups: SQLiteBackupQueue, _ connection: SQLiteConnection, _ fence: Fence,
        _ committed: @Sendable (Int, Duration) -> Void
    ) {
        var lost: StoreError?
        var copy: SQLiteBackup?
        var group: [Request] = []
        var statements = 0
        func commitGroup() {
            guard !group.isEmpty else { return }
            let requests = group
            group.removeAll(keepingCapacity: true)
            statements = 0
            if let lost {
                for request in requests { request.completion(.failure(lost)) }
                return
            }
            let startedAt = ContinuousClock.now
            let results = commit(requests, connection, fence)
            let duration = ContinuousClock.now - startedAt
            if case .failure(let error)? = results.first, error.outcome == .unknown {
                lost = StoreError(.closed, detail: "a commit before this one has an unknown outcome: \(error.detail)")
            }
            for (request, result) in zip(requests, results) { request.completion(result) }
            committed(connection.logFrames, duration)
        }
        defer { backups.close(copy) }
        // While a copy is made the thread does not sleep: it looks for work between the steps.
        while let waiting = jobs.drain(timeoutMilliseconds: backups.isIdle(copy) ? nil : 0) {
            for job in waiting {
                switch job {
                case .commit(let request):
                    if statements + request.statements.count > groupLimit { commitGroup() }
                    group.append(request)
                    statements += request.statements.count
                case .finishCheckpoint:
                    commitGroup()
                    _ = try? connection.checkpoint()
                case .copy: break
                }
            }
            commitGroup()
            backups.step(&copy, connection)
        }
    }

    private static func commit(
        _ group: [Request], _ connection: SQLiteConnection, _ fence: Fence
    ) -> [Result<[StatementResult], StoreError>] {
        do throws(StoreError) {
            try connection.execute("BEGIN IMMEDIATE")
            let sequence = try advance(fence, connection)
            var results: [Result<[StatementResult], StoreError>] = []
            results.reserveCapacity(group.count)
            for request in group { results.append(.success(try run(request.statements, connection))) }
            try finish(sequence, fence, connection)
            return results
        } catch {
            rollBack(connection)
            // Only a batch's own fault concerns that batch alone; a full disk or a lost fence is everybody's.
            if group.count == 1 || !isOwnFault(error) { return group.map { _ in .failure(error) } }
            return commitOneByOne(group, connection, fence)
        }
    }

    private static func commitOneByOne(
        _ group: [Request], _ connection: SQLiteConnection, _ fence: Fence
    ) -> [Result<[StatementResult], StoreError>] {
        do throws(StoreError) {
            try connection.execute("BEGIN IMMEDIATE")
            let sequence = try advance(fence, connection)
            var results: [Result<[StatementResult], StoreError>] = []
            for request in group {
                try connection.execute("SAVEPOINT batch")
                do throws(StoreError) {
                    results.append(.success(try run(request.statements, connection)))
                } catch {
                    guard isOwnFault(error) else { throw error }
                    try connection.execute("ROLLBACK TO batch")
                    results.append(.failure(error))
                }
                try connection.execute("RELEASE batch")
            }
            try finish(sequence, fence, connection)
            return results
        } catch {
            rollBack(connection)
            return group.map { _ in .failure(error) }
        }
    }

    private static func isOwnFault(_ error: StoreError) -> Bool {
        error.code == .conflict || error.code == .invalidStatement
    }

    /// Commits, and takes the fence to the new number.
    private static func finish(_ sequence: Int64?, _ fence: Fence, _ connection: SQLiteConnection) throws(StoreError) {
        do throws(StoreError) {
            try connection.execute("COMMIT")
        } catch  where error.code == .unavailable {
            // A fault of the disk while the log was written or synchronised: what a restart will find there is not known.
            throw StoreError(.unavailable, outcome: .unknown, detail: error.detail)
        }
        if let sequence { fence.state.withLock { $0?.sequence = sequence } }
    }

    private static func advance(_ fence: Fence, _ connection: SQLiteConnection) throws(StoreError) -> Int64? {
        guard let (holder, last) = fence.state.withLock({ $0 }) else { return nil }
        let statement = holder.advance(to: last + 1)
        guard try connection.run(statement.sql, statement.values).changes == 1 else {
            throw StoreError(.fenced, detail: "node \(holder.node) is no longer at incarnation \(holder.incarnation)")
        }
        return last + 1
    }

    private static func rollBack(_ connection: SQLiteConnection) {
        // SQLite itself rolls back on some errors (disk full); then there is no transaction left and this one fails.
        try? connection.execute("ROLLBACK")
    }

    private static func run(
        _ statements: [Statement], _ connection: SQLiteConnection
    ) throws(StoreError) -> [StatementResult] {
        var results: [StatementResult] = []
        results.reserveCapacity(statements.count)
        for statement in statements {
            let result = try connection.run(statement.sql, statement.values)
            if case .changes(let expected) = statement.expectation, result.changes != expected {
                throw StoreError(.conflict, detail: "\(result.changes) rows instead of \(expected) by: \(statement.sql)")
            }
            results.append(result)
        }
        return results
    }
}
