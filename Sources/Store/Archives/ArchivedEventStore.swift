package import TimeSource

/// The events that archives keep, in the order of their times.
package enum ArchivedEventStore {
    /// The place of an event in its archive.
    package struct Position: Sendable, Hashable, Comparable {
        /// The event's own time.
        package let time: Timestamp
        /// Grows with the time of archiving.
        package let sequence: Int64

        /// A place in an archive.
        package init(time: Timestamp, sequence: Int64) {
            self.time = time
            self.sequence = sequence
        }

        package static func < (left: Position, right: Position) -> Bool {
            (left.time, left.sequence) < (right.time, right.sequence)
        }
    }

    /// An event of an archive.
    package struct Entry: Sendable, Hashable {
        /// Its place.
        package let position: Position
        /// The event, in the engine's format.
        package let body: [UInt8]
    }

    /// Adds events to an archive and counts them. Nothing happens when the archive was deleted meanwhile: then there is nobody to keep
    /// them for, and whoever puts the events need not know.
    package static func add(_ entries: [(position: Position, body: [UInt8])], to archive: Int64) -> [Statement] {
        var statements = entries.map { entry in
            Statement(
                "INSERT INTO archived_event (archive, time, sequence, body) SELECT id, ?, ?, ? FROM archive WHERE id = ?",
                [
                    .integer(entry.position.time.milliseconds), .integer(entry.position.sequence), .blob(entry.body),
                    .integer(archive),
                ])
        }
        let bytes = entries.reduce(0) { $0 + $1.body.count }
        statements.append(count(events: Int64(entries.count), bytes: Int64(bytes), of: archive))
        return statements
    }

    private static func count(events: Int64, bytes: Int64, of archive: Int64) -> Statement {
        Statement(
            "UPDATE archive_size SET events = events + ?, bytes = bytes + ? WHERE archive = ?",
            [.integer(events), .integer(bytes), .integer(archive)])
    }

    /// The events of an archive after `position` until `end`, that moment included, in order: until they are so many, or so many bytes.
    package static func page(
        of archive: Int64, after position: Position, until end: Timestamp, limit: Int, byteLimit: Int,
        in transaction: any ReadTransaction
    ) throws(StoreError) -> [Entry] {
        var entries: [Entry] = []
        var (position, bytes) = (position, 0)
        // A few at a time, so that a page of large events does not fill the memory first.
        let step = 16
        while entries.count < limit, bytes < byteLimit {
            let rows = try transaction.rows(
                """
                SELECT time, sequence, body FROM archived_event
                WHERE archive = ? AND (time, sequence) > (?, ?) AND time <= ? ORDER BY time, sequence LIMIT ?
                """,
                [
                    .integer(archive), .integer(position.time.milliseconds), .integer(position.sequence),
                    .integer(end.milliseconds), .integer(min(step, limit - entries.count)),
                ])
            for row in rows {
                position = Position(time: Timestamp(milliseconds: try row.integer(0)), sequence: try row.integer(1))
                let body = try row.blob(2)
                bytes += body.count
                entries.append(Entry(position: position, body: body))
            }
            if rows.count < step { break }
        }
        return entries
    }

    // MARK: Pruning

    /// The first events of an archive whose time and whose sequence are before these, `limit` at most, with their sizes. The sequence
    /// is asked for as well because events may bear an old time that were archived just now.
    package static func old(
        in archive: Int64, before: Position, limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> [(position: Position, bytes: Int64)] {
        try sizes(
            transaction.rows(
                """
                SELECT time, sequence, LENGTH(body) FROM archived_event
                WHERE archive = ? AND time < ? AND sequence < ? ORDER BY time, sequence LIMIT ?
                """,
                [.integer(archive), .integer(before.time.milliseconds), .integer(before.sequence), .integer(limit)]))
    }

    /// Deletes events of an archive and takes them from its count.
    package static func remove(_ entries: [(position: Position, bytes: Int64)], from archive: Int64) -> [Statement] {
        var statements = entries.map { entry in
            Statement(
                "DELETE FROM archived_event WHERE archive = ? AND time = ? AND sequence = ?",
                [.integer(archive), .integer(entry.position.time.milliseconds), .integer(entry.position.sequence)],
                expecting: .changes(1))
        }
        statements.append(
            count(events: -Int64(entries.count), bytes: -entries.reduce(0) { $0 + $1.bytes }, of: archive))
        return statements
    }

    /// Archives that were deleted and may still have events.
    package static func removals(in transaction: any ReadTransaction) throws(StoreError) -> [Int64] {
        var archives: [Int64] = []
        for row in try transaction.rows("SELECT archive FROM archive_removal ORDER BY archive") { archives.append(try row.integer(0)) }
        return archives
    }

    /// Deletes events of a deleted archive, `limit` at most.
    package static func empty(_ archive: Int64, limit: Int) -> Statement {
        Statement(
            """
            DELETE FROM archived_event WHERE archive = ? AND (time, sequence) IN
            (SELECT time, sequence FROM archived_event WHERE archive = ? ORDER BY time, sequence LIMIT ?)
            """, [.integer(archive), .integer(archive), .integer(limit)])
    }

    /// Forgets a deleted archive that has no events any more.
    package static func forget(_ archive: Int64) -> Statement {
        Statement("DELETE FROM archive_removal WHERE archive = ?", [.integer(archive)])
    }

    private static func sizes(_ rows: [Row]) throws(StoreError) -> [(position: Position, bytes: Int64)] {
        var sizes: [(position: Position, bytes: Int64)] = []
        for row in rows {
            let position = Position(time: Timestamp(milliseconds: try row.integer(0)), sequence: try row.integer(1))
            sizes.append((position, try row.integer(2)))
        }
        return sizes
    }
}
