package import TimeSource

/// Deliveries that are not done yet, and those that were given up.
///
/// A new delivery has no `next_at`, so the common case (written, delivered, deleted) touches the primary key alone; only those that
/// wait for another attempt stand in the index of due times.
package enum DeliveryStore {
    /// Where a scan of due deliveries goes on.
    package struct DuePosition: Sendable, Hashable, Comparable {
        /// The due time, in engine time.
        package let nextAt: Timestamp
        /// The delivery.
        package let id: String

        /// A place in the order of due times.
        package init(nextAt: Timestamp, id: String) {
            self.nextAt = nextAt
            self.id = id
        }

        package static func < (left: DuePosition, right: DuePosition) -> Bool {
            (left.nextAt, left.id) < (right.nextAt, right.id)
        }
    }

    /// Adds a delivery, to be attempted at once.
    package static func add(_ record: DeliveryRecord) -> Statement {
        Statement(
            "INSERT INTO delivery (id, account, kind, state, attempts, created_at, body) VALUES (?, ?, ?, 'pending', ?, ?, ?)",
            [
                .text(record.id), .text(record.account), .text(record.kind), .integer(record.attempts),
                .integer(record.createdAt.milliseconds), .blob(record.body),
            ])
    }

    /// Marks a due delivery as started, before it is sent, and returns it. Touches no row when it is gone, started or not due.
    package static func start(_ id: String, now: Timestamp) -> Statement {
        Statement(
            """
            UPDATE delivery SET state = 'started' WHERE id = ? AND state = 'pending' AND (next_at IS NULL OR next_at <= ?)
            RETURNING id, account, kind, attempts, created_at, body
            """, [.text(id), .integer(now.milliseconds)])
    }

    /// The delivery that `start` returned, nil when it touched no row.
    package static func started(_ result: StatementResult) throws(StoreError) -> DeliveryRecord? {
        guard let row = result.rows.first else { return nil }
        return try record(row)
    }

    /// Ends a delivery that arrived.
    package static func complete(_ id: String) -> Statement {
        Statement("DELETE FROM delivery WHERE id = ?", [.text(id)])
    }

    /// Lets a delivery wait for its next attempt. `failedAttempts` is how many were made in vain since it was read.
    package static func postpone(_ id: String, until nextAt: Timestamp, failedAttempts: Int, reason: String) -> Statement {
        Statement(
            "UPDATE delivery SET state = 'pending', attempts = attempts + ?, next_at = ?, reason = ? WHERE id = ?",
            [.integer(failedAttempts), .integer(nextAt.milliseconds), .text(reason), .text(id)])
    }

    /// Gives a delivery up and keeps it with the reason; `failedAt` is wall time.
    package static func fail(_ record: DeliveryRecord, reason: String, failedAt: Timestamp) -> [Statement] {
        [
            Statement("DELETE FROM delivery WHERE id = ?", [.text(record.id)], expecting: .changes(1)),
            recordFailure(record, reason: reason, failedAt: failedAt),
        ]
    }

    /// Keeps what could not be delivered among the failed ones, whether it was ever a delivery or not; `failedAt` is wall time.
    package static func recordFailure(_ record: DeliveryRecord, reason: String, failedAt: Timestamp) -> Statement {
        Statement(
            """
            INSERT INTO failed_delivery (failed_at, id, account, kind, attempts, created_at, reason, body)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .integer(failedAt.milliseconds), .text(record.id), .text(record.account), .text(record.kind),
                .integer(record.attempts + 1), .integer(record.createdAt.milliseconds), .text(reason), .blob(record.body),
            ])
    }

    /// A delivery that is pending and due, nil when there is none of this id.
    package static func due(
        _ id: String, now: Timestamp, in transaction: any ReadTransaction
    ) throws(StoreError) -> DeliveryRecord? {
        let row = try transaction.row(
            """
            SELECT id, account, kind, attempts, created_at, body FROM delivery
            WHERE id = ? AND state = 'pending' AND (next_at IS NULL OR next_at <= ?)
            """, [.text(id), .integer(now.milliseconds)])
        guard let row else { return nil }
        return try record(row)
    }

    /// Deliveries of a kind that are due, in the order of their ids from `first` on. Also those that wait in the index of due times.
    package static func backlog(
        kind: String, from first: String, now: Timestamp, limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> [String] {
        var ids: [String] = []
        for row in try transaction.rows(
            """
            SELECT id FROM delivery
            WHERE id >= ? AND kind = ? AND state = 'pending' AND (next_at IS NULL OR next_at <= ?) ORDER BY id LIMIT ?
            """, [.text(first), .text(kind), .integer(now.milliseconds), .integer(limit)])
        {
            ids.append(try row.text(0))
        }
        return ids
    }

    /// Deliveries whose next attempt came due after `position` and until `now`, in that order.
    package static func due(
        after position: DuePosition, until now: Timestamp, limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> [(position: DuePosition, kind: String)] {
        var due: [(position: DuePosition, kind: String)] = []
        for row in try transaction.rows(
            """
            SELECT next_at, id, kind FROM delivery
            WHERE next_at IS NOT NULL AND (next_at, id) > (?, ?) AND next_at <= ? ORDER BY next_at, id LIMIT ?
            """,
            [
                .integer(position.nextAt.milliseconds), .text(position.id), .integer(now.milliseconds), .integer(limit),
            ])
        {
            let position = DuePosition(nextAt: Timestamp(milliseconds: try row.integer(0)), id: try row.text(1))
            due.append((position, try row.text(2)))
        }
        return due
    }

    /// When the first delivery after `position` comes due, nil when none waits.
    package static func nextDue(
        after position: DuePosition, in transaction: any ReadTransaction
    ) throws(StoreError) -> Timestamp? {
        let row = try transaction.row(
            "SELECT next_at FROM delivery WHERE next_at IS NOT NULL AND (next_at, id) > (?, ?) ORDER BY next_at, id LIMIT 1",
            [.integer(position.nextAt.milliseconds), .text(position.id)])
        guard let row else { return nil }
        return Timestamp(milliseconds: try row.integer(0))
    }

    /// Deliveries that a server which is no more had started: whether they arrived is not known. By id, those after `id`.
    package static func startedBefore(
        after id: String, limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> [DeliveryRecord] {
        var records: [DeliveryRecord] = []
        for row in try transaction.rows(
            """
            SELECT id, account, kind, attempts, created_at, body FROM delivery
            WHERE id > ? AND state = 'started' ORDER BY id LIMIT ?
            """, [.text(id), .integer(limit)])
        {
            records.append(try record(row))
        }
        return records
    }

    /// Deliveries of an account that were given up, newest first, those before `before`.
    package static func failed(
        account: String, before: DuePosition?, limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> [FailedDelivery] {
        let before = before ?? DuePosition(nextAt: Timestamp(milliseconds: .max), id: "")
        var failed: [FailedDelivery] = []
        for row in try transaction.rows(
            """
            SELECT id, account, kind, attempts, created_at, body, failed_at, reason FROM failed_delivery
            WHERE account = ? AND (failed_at, id) < (?, ?) ORDER BY failed_at DESC, id DESC LIMIT ?
            """,
            [.text(account), .integer(before.nextAt.milliseconds), .text(before.id), .integer(limit)])
        {
            failed.append(
                FailedDelivery(
                    record: try record(row), failedAt: Timestamp(milliseconds: try row.integer(6)), reason: try row.text(7)))
        }
        return failed
    }

    /// Forgets deliveries that were given up before an instant, `limit` at most.
    package static func pruneFailed(before instant: Timestamp, limit: Int) -> Statement {
        Statement(
            """
            DELETE FROM failed_delivery WHERE (failed_at, id) IN
            (SELECT failed_at, id FROM failed_delivery WHERE failed_at < ? ORDER BY failed_at, id LIMIT ?)
            """, [.integer(instant.milliseconds), .integer(limit)])
    }

    private static func record(_ row: Row) throws(StoreError) -> DeliveryRecord {
        DeliveryRecord(
            id: try row.text(0), account: try row.text(1), kind: try row.text(2), attempts: Int(try row.integer(3)),
            createdAt: Timestamp(milliseconds: try row.integer(4)), body: try row.blob(5))
    }
}
