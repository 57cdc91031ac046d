/// Effects of executions that are decided and not yet over: written with the decision, acted on afterwards (core rule 1).
package struct OutboxEntry: Sendable, Hashable {
    /// Whose effect it is.
    package let key: Key
    /// True once an unrepeatable effect may have left: it is never sent again.
    package var isStarted: Bool
    /// The encoded request.
    package let body: [UInt8]

    /// The place of an entry: in the order of the shard, the execution and the effect, so that the entries of an execution lie
    /// together. Effect numbers are never used twice.
    package struct Key: Sendable, Hashable {
        /// The execution, whose number holds its shard.
        package let execution: ExecutionID
        /// The effect's number within the execution.
        package let effect: Int

        /// The place of an execution's effect.
        package init(execution: ExecutionID, effect: Int) {
            self.execution = execution
            self.effect = effect
        }

        fileprivate var values: [SQLValue] { [.integer(execution.shard), .integer(execution.value), .integer(effect)] }
    }

    /// An entry.
    package init(key: Key, isStarted: Bool, body: [UInt8]) {
        self.key = key
        self.isStarted = isStarted
        self.body = body
    }
}

/// The outbox's statements.
package enum OutboxStore {
    /// Adds an entry.
    package static func enqueue(_ entry: OutboxEntry) -> Statement {
        Statement(
            "INSERT INTO outbox (shard, execution, effect, state, body) VALUES (?, ?, ?, ?, ?)",
            entry.key.values + [.text(entry.isStarted ? "started" : "pending"), .blob(entry.body)])
    }

    /// Marks an unrepeatable effect as started, before it is sent.
    package static func markStarted(_ key: OutboxEntry.Key) -> Statement {
        Statement(
            "UPDATE outbox SET state = 'started' WHERE shard = ? AND execution = ? AND effect = ?", key.values,
            expecting: .changes(1))
    }

    /// Removes an entry whose effect is over or abandoned.
    package static func complete(_ key: OutboxEntry.Key) -> Statement {
        Statement("DELETE FROM outbox WHERE shard = ? AND execution = ? AND effect = ?", key.values)
    }

    /// The executions that have entries, after `last` in the order of shards, at most `limit`: for recovery.
    package static func executions(
        after last: ExecutionID?, limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> [ExecutionID] {
        var executions: [ExecutionID] = []
        let rows = try transaction.rows(
            "SELECT DISTINCT shard, execution FROM outbox WHERE (shard, execution) > (?, ?) ORDER BY shard, execution LIMIT ?",
            [.integer(last?.shard ?? -1), .integer(last?.value ?? 0), .integer(limit)])
        for row in rows { executions.append(ExecutionID(value: try row.integer(1))) }
        return executions
    }

    /// The entries of one execution in the order of their effects, for when it is loaded into memory.
    package static func entries(
        of execution: ExecutionID, in transaction: any ReadTransaction
    ) throws(StoreError) -> [OutboxEntry] {
        var entries: [OutboxEntry] = []
        let rows = try transaction.rows(
            "SELECT effect, state, body FROM outbox WHERE shard = ? AND execution = ? ORDER BY effect",
            [.integer(execution.shard), .integer(execution.value)])
        for row in rows {
            entries.append(
                OutboxEntry(
                    key: OutboxEntry.Key(execution: execution, effect: Int(try row.integer(0))),
                    isStarted: try row.text(1) == "started", body: try row.blob(2)))
        }
        return entries
    }
}
