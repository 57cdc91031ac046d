/// The seam between the repositories and a database: batches that are applied whole or not at all, and consistent reads.
///
/// No statement of a batch depends on another's result, so PostgreSQL can pipeline and SQLite can commit many batches with
/// one synchronisation. What must exist is read before; guards (`Statement.Expectation`) catch whoever was faster.
package protocol Database: Sendable {
    /// Hands over a batch. `completion` is called once, on the database's thread, after the batch is durable or has failed;
    /// it must return quickly. Batches are applied in the order handed over.
    func apply(_ batch: [Statement], completion: @escaping @Sendable (Result<[StatementResult], StoreError>) -> Void)

    /// Runs `body` on a reader with one consistent view that includes every batch acknowledged before the call.
    func read<Value: Sendable>(_ body: @escaping @Sendable (any ReadTransaction) throws -> Value) async throws -> Value

    /// Runs schema changes, one transaction each, outside of `apply`. Only at start, before anything else.
    func migrate(_ statements: [Statement]) async throws(StoreError)

    /// From now on every transaction advances the node's batch number, from 0, and fails as `.fenced` when it cannot.
    func setFence(_ fence: NodeFence)

    /// Stops taking work, finishes what was handed over, and closes. Later calls fail with `.closed`.
    func close() async
}

/// A consistent view of the database for reading.
package protocol ReadTransaction {
    /// The rows of a query in the portable subset.
    func rows(_ sql: String, _ values: [SQLValue]) throws(StoreError) -> [Row]
}

extension ReadTransaction {
    /// The first row of a query, nil when there is none.
    package func row(_ sql: String, _ values: [SQLValue] = []) throws(StoreError) -> Row? {
        try rows(sql, values).first
    }

    /// The rows of a query without placeholders.
    package func rows(_ sql: String) throws(StoreError) -> [Row] {
        try rows(sql, [])
    }
}

extension Database {
    /// Applies a batch in one transaction; durable when it returns. A guard that fails throws `.conflict` and nothing of the
    /// batch happened.
    @discardableResult
    package func apply(_ batch: [Statement]) async throws(StoreError) -> [StatementResult] {
        let result = await withCheckedContinuation { (continuation: CheckedContinuation<Result<[StatementResult], StoreError>, Never>) in
            apply(batch) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }
}
