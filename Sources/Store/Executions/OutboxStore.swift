/// Effects of executions that are decided and not yet over: written with the decision, acted on afterwards (core rule 1).
package struct OutboxEntry: Sendable, Hashable {
    /// The execution's shard and the entry's number in it.
    package let key: Key
    /// The execution.
    package let execution: ExecutionID
    /// The effect's number within the execution.
    package let effect: Int
    /// True once an unrepeatable effect may have left: it is never sent again.
    package var isStarted: Bool
    /// The encoded request.
    package let body: [UInt8]

    /// The place of an entry.
    package struct Key: Sendable, Hashable {
        /// The logical shard.
        package let shard: Int
        /// Counts up within the shard.
        package let sequence: Int64

        /// The place with this number.
        package init(shard: Int, sequence: Int64) {
            self.shard = shard
            self.sequence = sequence
        }
    }

    /// An entry.
    package init(key: Key, execution: ExecutionID, effect: Int, isStarted: Bool, body: [UInt8]) {
        self.key = key
        self.execution = execution
        self.effect = effect
        self.isStarted = isStarted
        self.body = body
    }
}

/// The outbox's statements.
package enum OutboxStore {
    /// Adds an entry.
    package static func enqueue(_ entry: OutboxEntry) -> Statement {
        Statement(
            "INSERT INTO outbox (shard, seq, execution, effect, state, body) VALUES (?, ?, ?, ?, ?, ?)",
            [
                .integer(entry.key.shard), .integer(entry.key.sequence), .integer(entry.execution.value), .integer(entry.effect),
                .text(entry.isStarted ? "started" : "pending"), .blob(entry.body),
            ])
    }

    /// Marks an unrepeatable effect as started, before it is sent.
    package static func markStarted(_ key: OutboxEntry.Key) -> Statement {
        Statement(
            "UPDATE outbox SET state = 'started' WHERE shard = ? AND seq = ?",
            [.integer(key.shard), .integer(key.sequence)], expecting: .changes(1))
    }

    /// Removes an entry whose effect is over or abandoned.
    package static func complete(_ key: OutboxEntry.Key) -> Statement {
        Statement("DELETE FROM outbox WHERE shard = ? AND seq = ?", [.integer(key.shard), .integer(key.sequence)])
    }

    /// Entries after `last` in key order, at most `limit`: for recovery.
    package static func entries(
        after last: OutboxEntry.Key?, limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> [OutboxEntry] {
        var entries: [OutboxEntry] = []
        let rows = try transaction.rows(
            "SELECT shard, seq, execution, effect, state, body FROM outbox WHERE (shard, seq) > (?, ?) ORDER BY shard, seq LIMIT ?",
            [.integer(last?.shard ?? -1), .integer(last?.sequence ?? 0), .integer(limit)])
        for row in rows { entries.append(try entry(row)) }
        return entries
    }

    /// The entries of one execution, for when it is loaded into memory.
    package static func entries(
        of execution: ExecutionID, in transaction: any ReadTransaction
    ) throws(StoreError) -> [OutboxEntry] {
        var entries: [OutboxEntry] = []
        // The execution's number begins the sequence, so its entries lie together in the shard.
        let rows = try transaction.rows(
            "SELECT shard, seq, execution, effect, state, body FROM outbox WHERE shard = ? AND execution = ? ORDER BY seq",
            [.integer(execution.shard), .integer(execution.value)])
        for row in rows { entries.append(try entry(row)) }
        return entries
    }

    private static func entry(_ row: Row) throws(StoreError) -> OutboxEntry {
        OutboxEntry(
            key: OutboxEntry.Key(shard: Int(try row.integer(0)), sequence: try row.integer(1)),
            execution: ExecutionID(value: try row.integer(2)), effect: Int(try row.integer(3)),
            isStarted: try row.text(4) == "started", body: try row.blob(5))
    }
}
