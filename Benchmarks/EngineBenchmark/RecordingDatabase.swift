import Store
import Synchronization

/// A database that remembers the batches that were handed to it: what the engine really writes.
final class RecordingDatabase: Database {
    private let base: any Database
    private let batches = Mutex<[[Statement]]>([])

    /// A database that does as `base` and remembers.
    init(_ base: any Database) {
        self.base = base
    }

    /// The statements handed over since the last call.
    func takeStatements() -> [Statement] {
        batches.withLock { batches in
            defer { batches = [] }
            return batches.flatMap { $0 }
        }
    }

    func apply(
        _ batch: [Statement], completion: @escaping @Sendable (Result<[StatementResult], StoreError>) -> Void
    ) {
        batches.withLock { $0.append(batch) }
        base.apply(batch, completion: completion)
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any ReadTransaction) throws -> Value
    ) async throws -> Value {
        try await base.read(body)
    }

    func migrate(_ statements: [Statement]) async throws(StoreError) { try await base.migrate(statements) }

    func setFence(_ fence: NodeFence) { base.setFence(fence) }

    func close() async { await base.close() }
}
