package import TimeSource

/// One restore of this data from a backup.
package struct RestoreRecord: Sendable, Hashable {
    /// From 1, counting the restores that led to this data. Data that was never restored is of generation 0.
    package let generation: Int64
    /// When the backup was taken.
    package let backupTakenAt: Timestamp
    /// When it was restored.
    package let restoredAt: Timestamp
    /// When the server was let act again, and by whom; nil while it is held.
    package var released: Release?

    /// The end of a hold.
    package struct Release: Sendable, Hashable {
        /// When.
        package let at: Timestamp
        /// The identity's ARN.
        package let by: String

        /// A release at this time by this identity.
        package init(at: Timestamp, by: String) {
            self.at = at
            self.by = by
        }
    }

    /// A restore of these facts.
    package init(generation: Int64, backupTakenAt: Timestamp, restoredAt: Timestamp, released: Release? = nil) {
        self.generation = generation
        self.backupTakenAt = backupTakenAt
        self.restoredAt = restoredAt
        self.released = released
    }
}

/// What the data knows of its own restores.
package enum RestoreStore {
    /// The last restore, nil when the data was never restored.
    package static func last(in transaction: any ReadTransaction) throws(StoreError) -> RestoreRecord? {
        let row = try transaction.row(
            "SELECT generation, backup_taken_at, restored_at, released_at, released_by FROM restore ORDER BY generation DESC LIMIT 1")
        guard let row else { return nil }
        let releasedAt = row.values[3].integer
        return RestoreRecord(
            generation: try row.integer(0), backupTakenAt: Timestamp(milliseconds: try row.integer(1)),
            restoredAt: Timestamp(milliseconds: try row.integer(2)),
            released: try releasedAt.map { at throws(StoreError) in
                RestoreRecord.Release(at: Timestamp(milliseconds: at), by: try row.text(4))
            })
    }

    /// Begins a generation, held. A conflict when it has begun before.
    package static func begin(_ record: RestoreRecord) -> Statement {
        Statement(
            "INSERT INTO restore (generation, backup_taken_at, restored_at) VALUES (?, ?, ?)",
            [
                .integer(record.generation), .integer(record.backupTakenAt.milliseconds), .integer(record.restoredAt.milliseconds),
            ])
    }

    /// Ends the hold of a generation. A conflict when it has ended.
    package static func release(_ generation: Int64, _ release: RestoreRecord.Release) -> Statement {
        Statement(
            "UPDATE restore SET released_at = ?, released_by = ? WHERE generation = ? AND released_at IS NULL",
            [.integer(release.at.milliseconds), .text(release.by), .integer(generation)], expecting: .changes(1))
    }
}
