package import TimeSource

/// The tasks that move messages of dead-letter queues.
package enum MessageMoveTaskStore {
    private static let columns = """
        id, source_account, source_name, destination_account, destination_name, max_rate, status, moved, total, started_at, \
        failure_reason, last_seq
        """

    /// Adds a task of the queue with this id.
    package static func insert(_ task: MessageMoveTask, queue: Int64) -> Statement {
        Statement(
            "INSERT INTO message_move_task (queue, \(columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                .integer(queue), .text(task.id), .text(task.source.account), .text(task.source.name), .text(task.destination?.account),
                .text(task.destination?.name), .integer(task.maxMessagesPerSecond.map(Int64.init)), .text(task.status.rawValue),
                .integer(task.movedCount), .integer(task.totalCount), .integer(task.startedAt.milliseconds), .text(task.failureReason),
                .integer(task.lastSequence),
            ])
    }

    /// Stores how far a task is; a conflict when it is gone.
    package static func update(_ task: MessageMoveTask) -> Statement {
        Statement(
            "UPDATE message_move_task SET status = ?, moved = ?, failure_reason = ? WHERE id = ?",
            [.text(task.status.rawValue), .integer(task.movedCount), .text(task.failureReason), .text(task.id)], expecting: .changes(1))
    }

    /// Deletes the tasks of a queue.
    package static func deleteAll(of queue: Int64) -> Statement {
        Statement("DELETE FROM message_move_task WHERE queue = ?", [.integer(queue)])
    }

    /// Deletes tasks of a queue that began before an instant, and are over.
    package static func prune(_ queue: Int64, before instant: Timestamp) -> Statement {
        Statement(
            """
            DELETE FROM message_move_task
            WHERE queue = ? AND started_at < ? AND status IN ('COMPLETED', 'CANCELLED', 'FAILED')
            """, [.integer(queue), .integer(instant.milliseconds)])
    }

    /// The tasks of a queue, the latest first.
    package static func list(
        of queue: Int64, limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> [MessageMoveTask] {
        try tasks(
            transaction.rows(
                "SELECT \(columns) FROM message_move_task WHERE queue = ? ORDER BY started_at DESC, id DESC LIMIT ?",
                [.integer(queue), .integer(limit)]))
    }

    /// A task; nil when there is none.
    package static func find(_ id: String, in transaction: any ReadTransaction) throws(StoreError) -> MessageMoveTask? {
        try tasks(transaction.rows("SELECT \(columns) FROM message_move_task WHERE id = ?", [.text(id)])).first
    }

    /// The tasks that are not over. There are few tasks in all, so that all are looked at.
    package static func unfinished(in transaction: any ReadTransaction) throws(StoreError) -> [MessageMoveTask] {
        try tasks(transaction.rows("SELECT \(columns) FROM message_move_task ORDER BY id")).filter { !$0.status.isOver }
    }

    private static func tasks(_ rows: [Row]) throws(StoreError) -> [MessageMoveTask] {
        var tasks: [MessageMoveTask] = []
        for row in rows {
            guard let status = MessageMoveTask.Status(rawValue: try row.text(6)) else {
                throw .corrupted("a message move task has an unknown status")
            }
            var destination: QueueName?
            if let account = row.values[3].text { destination = QueueName(account: account, name: try row.text(4)) }
            tasks.append(
                MessageMoveTask(
                    id: try row.text(0), source: QueueName(account: try row.text(1), name: try row.text(2)), destination: destination,
                    maxMessagesPerSecond: row.values[5].integer.map(Int.init), status: status, movedCount: try row.integer(7),
                    totalCount: try row.integer(8), startedAt: Timestamp(milliseconds: try row.integer(9)),
                    failureReason: row.values[10].text, lastSequence: try row.integer(11)))
        }
        return tasks
    }
}
