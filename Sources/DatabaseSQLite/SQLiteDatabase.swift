package import Store
import Threading

/// The embedded database: one file in write-ahead mode with `synchronous=FULL`, one group-committing writer, a few readers,
/// and checkpoints on a thread of their own (a checkpoint inside a commit stalls it for up to half a second).
package final class SQLiteDatabase: Database {
    private let writer: SQLiteWriter
    private let readers: SQLiteReaders
    private let checkpoints: Mailbox<Int>
    private let checkpointer: DedicatedThread

    /// Opens or creates the database file.
    ///
    /// - Parameters:
    ///   - path: the file; its directory exists.
    ///   - readers: how many reads run side by side.
    /// - Throws: `.unavailable` when it cannot be opened or `synchronous` does not read FULL afterwards.
    package static func open(path: String, readers: Int = 4) async throws(StoreError) -> SQLiteDatabase {
        let checkpoints = Mailbox<Int>()
        let (writer, failure) = await withCheckedContinuation { (continuation: CheckedContinuation<(SQLiteWriter, StoreError?), Never>) in
            let handOver = Mailbox<SQLiteWriter>()
            let writer = SQLiteWriter(
                path: path,
                ready: { failure in
                    guard let writer = handOver.drain()?.first else { return }
                    continuation.resume(returning: (writer, failure))
                },
                committed: { checkpoints.post($0) })
            handOver.post(writer)
        }
        if let failure { throw failure }
        return SQLiteDatabase(path: path, writer: writer, readers: SQLiteReaders(path: path, count: readers), checkpoints: checkpoints)
    }

    private init(path: String, writer: SQLiteWriter, readers: SQLiteReaders, checkpoints: Mailbox<Int>) {
        self.writer = writer
        self.readers = readers
        self.checkpoints = checkpoints
        checkpointer = DedicatedThread(name: "db-checkpoint") {
            guard let connection = try? SQLiteConnection(path: path, role: .checkpointer) else { return }
            var statements = 0
            // A checkpoint after a burst has settled or after many statements; small steps keep the log short.
            while let committed = checkpoints.drain(timeoutMilliseconds: statements > 0 ? 500 : nil) {
                statements += committed.reduce(0, +)
                guard committed.isEmpty || statements > 4_096 else { continue }
                statements = 0
                _ = try? connection.checkpoint()
            }
            _ = try? connection.checkpoint()
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
            _ = DedicatedThread(name: "db-close") { [writer, readers, checkpoints, checkpointer] in
                readers.close()
                readers.join()
                writer.close()
                writer.join()
                checkpoints.close()
                checkpointer.join()
                continuation.resume()
            }
        }
    }
}
