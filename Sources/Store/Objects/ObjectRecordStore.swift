import TimeSource

/// The rows of objects. The bytes are on the disk before their row is written, and go after it was replaced or deleted.
package enum ObjectRecordStore {
    private static let columns =
        "bucket, object_key, id, parts, size, etag, modified_at, checksum, facts, tags FROM object"

    /// Creates an object. A conflict when the key is taken, or the bucket gone.
    package static func create(_ object: ObjectRecord) -> Statement {
        Statement(
            """
            INSERT INTO object (bucket, object_key, id, parts, size, etag, modified_at, checksum, facts, tags)
            SELECT id, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM bucket WHERE id = ?
            """,
            [
                object.key.value, .text(object.id), .integer(object.parts), .integer(object.size), .text(object.etag),
                .integer(object.modifiedAt.milliseconds), .text(object.checksum), .blob(object.facts), .blob(object.tags),
                .integer(object.bucket),
            ], expecting: .changes(1))
    }

    /// Puts an object in the place of another one. A conflict when that one is not there any more.
    package static func replace(_ old: ObjectRecord, by object: ObjectRecord) -> Statement {
        Statement(
            """
            UPDATE object SET id = ?, parts = ?, size = ?, etag = ?, modified_at = ?, checksum = ?, facts = ?, tags = ?
            WHERE bucket = ? AND object_key = ? AND id = ?
            """,
            [
                .text(object.id), .integer(object.parts), .integer(object.size), .text(object.etag),
                .integer(object.modifiedAt.milliseconds), .text(object.checksum), .blob(object.facts), .blob(object.tags),
                .integer(old.bucket), old.key.value, .text(old.id),
            ], expecting: .changes(1))
    }

    /// Sets the tags of an object. A conflict when it is not there any more.
    package static func setTags(_ tags: [UInt8]?, of object: ObjectRecord) -> Statement {
        Statement(
            "UPDATE object SET tags = ? WHERE bucket = ? AND object_key = ? AND id = ?",
            [.blob(tags), .integer(object.bucket), object.key.value, .text(object.id)], expecting: .changes(1))
    }

    /// Deletes an object with the rows of its parts. A conflict when it is not there any more.
    package static func delete(_ object: ObjectRecord) -> [Statement] {
        [
            Statement(
                "DELETE FROM object WHERE bucket = ? AND object_key = ? AND id = ?",
                [.integer(object.bucket), object.key.value, .text(object.id)], expecting: .changes(1))
        ] + deleteParts(of: object)
    }

    /// Deletes the rows of an object's parts; nothing for an object that is one file.
    package static func deleteParts(of object: ObjectRecord) -> [Statement] {
        object.parts > 0 ? [Statement("DELETE FROM object_part WHERE owner = ?", [.text(object.id)])] : []
    }

    /// An object by its key; nil when there is none.
    package static func find(
        _ key: ObjectKey, in bucket: Int64, in transaction: any ReadTransaction
    ) throws(StoreError) -> ObjectRecord? {
        let row = try transaction.row("SELECT \(columns) WHERE bucket = ? AND object_key = ?", [.integer(bucket), key.value])
        guard let row else { return nil }
        return try record(row)
    }

    /// The objects of a bucket in the order of their keys, from `start` on and before `end`, at most `limit`.
    package static func list(
        _ bucket: Int64, from start: ObjectKey, before end: ObjectKey?, limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> [ObjectRecord] {
        let rows =
            if let end {
                try transaction.rows(
                    "SELECT \(columns) WHERE bucket = ? AND object_key >= ? AND object_key < ? ORDER BY object_key LIMIT ?",
                    [.integer(bucket), start.value, end.value, .integer(limit)])
            } else {
                try transaction.rows(
                    "SELECT \(columns) WHERE bucket = ? AND object_key >= ? ORDER BY object_key LIMIT ?",
                    [.integer(bucket), start.value, .integer(limit)])
            }
        var records: [ObjectRecord] = []
        for row in rows { records.append(try record(row)) }
        return records
    }

    /// The files of all objects that are one file, a page at a time: those behind the key of `last`, at most `limit`.
    package static func files(
        after last: (bucket: Int64, key: ObjectKey)?, limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> (ids: [String], last: (bucket: Int64, key: ObjectKey)?) {
        let rows =
            if let last {
                try transaction.rows(
                    """
                    SELECT bucket, object_key, id, parts FROM object WHERE (bucket, object_key) > (?, ?)
                    ORDER BY bucket, object_key LIMIT ?
                    """, [.integer(last.bucket), last.key.value, .integer(limit)])
            } else {
                try transaction.rows(
                    "SELECT bucket, object_key, id, parts FROM object ORDER BY bucket, object_key LIMIT ?", [.integer(limit)])
            }
        var ids: [String] = []
        for row in rows where try row.integer(3) == 0 { ids.append(try row.text(2)) }
        guard rows.count == limit, let end = rows.last else { return (ids, nil) }
        return (ids, (try end.integer(0), ObjectKey(bytes: try end.blob(1))))
    }

    private static func record(_ row: Row) throws(StoreError) -> ObjectRecord {
        ObjectRecord(
            bucket: try row.integer(0), key: ObjectKey(bytes: try row.blob(1)), id: try row.text(2),
            parts: Int(try row.integer(3)), size: try row.integer(4), etag: try row.text(5),
            modifiedAt: Timestamp(milliseconds: try row.integer(6)), checksum: row.values[7].text, facts: try row.blob(8),
            tags: row.values[9].blob)
    }
}
