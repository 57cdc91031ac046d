package import Logging
package import Store
import Threading

/// A database on a PostgreSQL server (15 or later) by libpq: one group-committing writer and a few readers, each with a connection and
/// a thread of its own.
package final class PostgresDatabase: Database {
    private let writer: PostgresWriter
    private let readers: PostgresReaders

    /// Connects to a database, which exists.
    ///
    /// - Throws: `.unavailable`, in words for the operator: libpq is missing, the server cannot be reached, or it would not keep the
    ///   store's promises (version, encoding, collation, `fsync`, `synchronous_commit`).
    package static func open(_ configuration: PostgresConfiguration, logger: Logger) async throws(StoreError) -> PostgresDatabase {
        let (writer, failure) = await withCheckedContinuation { (continuation: CheckedContinuation<(PostgresWriter, StoreError?), Never>) in
            let handOver = Mailbox<PostgresWriter>()
            let writer = PostgresWriter(configuration, logger: logger) { failure in
                guard let writer = handOver.drain()?.first else { return }
                continuation.resume(returning: (writer, failure))
            }
            handOver.post(writer)
        }
        if let failure { throw failure }
        return PostgresDatabase(writer: writer, readers: PostgresReaders(configuration))
    }

    private init(writer: PostgresWriter, readers: PostgresReaders) {
        self.writer = writer
        self.readers = readers
    }

    package func apply(
        _ batch: [Statement], completion: @escaping @Sendable (Result<[StatementResult], StoreError>) -> Void
    ) {
        writer.post(PostgresWriter.Request(statements: batch, completion: completion))
    }

    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (any ReadTransaction) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Value, any Error>) in
            let isTaken = readers.post { reader in
                continuation.resume(with: Result { try reader.read(body) })
            }
            if !isTaken { continuation.resume(throwing: StoreError(.closed)) }
        }
    }

    package func migrate(_ statements: [Statement]) async throws(StoreError) {
        try await apply(statements.map { Statement(PostgresDialect.schema($0.sql), $0.values, expecting: $0.expectation) })
    }

    package func setFence(_ fence: NodeFence) {
        writer.setFence(fence)
    }

    package func close() async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            // Joining blocks, so it happens on a thread of its own.
            _ = DedicatedThread(name: "db-close") { [writer, readers] in
                readers.close()
                readers.join()
                writer.close()
                writer.join()
                continuation.resume()
            }
        }
    }
}
