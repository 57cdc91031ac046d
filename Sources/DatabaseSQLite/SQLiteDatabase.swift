package import Store
import Threading

/// The embedded database: one file in write-ahead mode with `synchronous=FULL`, one group-committing writer, a few readers,
/// and checkpoints on a thread of their own (a checkpoint inside a commit stalls it for up to half a second).
package final class SQLiteDatabase: Database {
    let writer: SQLiteWriter
    private let readers: SQLiteReaders
    /// The log's length after each transaction.
    private let lengths: Mailbox<Int>
    private let checkpointer: DedicatedThread

    /// A transaction that takes longer delays everybody noticeably: the disk is slow or busy.
    package static let slowCommitLimit = Duration.milliseconds(50)

    /// Opens or creates the database file.
    ///
    /// - Parameters:
    ///   - path: the file; its directory exists.
    ///   - readers: how many reads run side by side.
    ///   - slowCommit: told, on the writer's thread, of each transaction that took longer than `slowCommitLimit`.
    /// - Throws: `.unavailable` when it cannot be opened or `synchronous` does not read FULL afterwards.
    package static func open(
        path: String, readers: Int = 4, slowCommit: @escaping @Sendable (Duration) -> Void = { _ in }
    ) async throws(StoreError) -> SQLiteDatabase {
        let lengths = Mailbox<Int>()
        let (writer, failure) = await withCheckedContinuation { (continuation: CheckedContinuation<(SQLiteWriter, StoreError?), Never>) in
            let handOver = Mailbox<SQLiteWriter>()
            let writer = SQLiteWriter(
                path: path,
                ready: { failure in
                    guard let writer = handOver.drain()?.first else { return }
                    continuation.resume(returning: (writer, failure))
                },
                committed: { length, duration in
                    lengths.post(length)
                    if duration > SQLiteDatabase.slowCommitLimit { slowCommit(duration) }
                })
            handOver.post(writer)
        }
        if let failure { throw failure }
        return SQLiteDatabase(path: path, writer: writer, readers: SQLiteReaders(path: path, count: readers), lengths: lengths)
    }

    private init(path: String, writer: SQLiteWriter, readers: SQLiteReaders, lengths: Mailbox<Int>) {
        self.writer = writer
        self.readers = readers
        self.lengths = lengths
        checkpointer = DedicatedThread(name: "db-checkpoint") {
            guard let connection = try? SQLiteConnection(path: path, role: .checkpointer) else { return }
            var checkpoints = SQLiteCheckpoints(connection: connection, writer: writer)
            while let lengths = lengths.drain(timeoutMilliseconds: checkpoints.isDone ? nil : 500) {
                checkpoints.logHasGrown(to: lengths.last)
            }
            checkpoints.end()
        }
    }

    package func apply(
        _ batch: [Statement], completion: @escaping @Sendable (Result<[StatementResult], StoreError>) -> Void
    ) {
        writer.post(SQLiteWriter.Request(statements: batch, completion: completion))
    }

    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (any ReadTransaction) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Value, any Error>) in
            readers.post { connection in
                continuation.resume(
                    with: Result {
                        let connection = try connection.get()
                        try connection.execute("BEGIN")
                        defer { try? connection.execute("COMMIT") }
                        return try body(SQLiteReadTransaction(connection: connection))
                    })
            }
        }
    }

    package func migrate(_ statements: [Statement]) async throws(StoreError) {
        try await apply(statements.map { Statement(SQLiteDialect.schema($0.sql), $0.values, expecting: $0.expectation) })
    }

    package func setFence(_ fence: NodeFence) {
        writer.setFence(fence)
    }

    package func close() async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            // Joining blocks, so it happens on a thread of its own.
            _ = DedicatedThread(name: "db-close") { [writer, readers, lengths, checkpointer] in
                readers.close()
                readers.join()
                writer.close()
                writer.join()
                lengths.close()
                checkpointer.join()
                continuation.resume()
            }
        }
    }
}
