import TimeSource

/// Uploads in parts, and the parts.
package enum UploadStore {
    private static let columns =
        "bucket, object_key, id, initiated_at, checksum_algorithm, checksum_type, facts, tags FROM multipart_upload"
    private static let partColumns = "owner, part_number, file, size, etag, checksum, modified_at FROM object_part"

    /// Begins an upload. A conflict when the bucket is gone.
    package static func create(_ upload: UploadRecord) -> Statement {
        Statement(
            """
            INSERT INTO multipart_upload
                (bucket, object_key, id, initiated_at, checksum_algorithm, checksum_type, facts, tags)
            SELECT id, ?, ?, ?, ?, ?, ?, ? FROM bucket WHERE id = ?
            """,
            [
                upload.key.value, .text(upload.id), .integer(upload.initiatedAt.milliseconds), .text(upload.checksumAlgorithm),
                .text(upload.checksumType), .blob(upload.facts), .blob(upload.tags), .integer(upload.bucket),
            ], expecting: .changes(1))
    }

    /// Adds a part, or replaces the one of this number. A conflict when the upload is complete or aborted.
    package static func setPart(_ part: PartRecord, of upload: UploadRecord) -> Statement {
        Statement(
            """
            INSERT INTO object_part (owner, part_number, file, size, etag, checksum, modified_at)
            SELECT id, ?, ?, ?, ?, ?, ? FROM multipart_upload WHERE bucket = ? AND object_key = ? AND id = ?
            ON CONFLICT (owner, part_number) DO UPDATE SET file = excluded.file, size = excluded.size, etag = excluded.etag,
                checksum = excluded.checksum, modified_at = excluded.modified_at
            """,
            [
                .integer(part.number), .text(part.file), .integer(part.size), .text(part.etag), .text(part.checksum),
                .integer(part.modifiedAt.milliseconds), .integer(upload.bucket), upload.key.value, .text(upload.id),
            ], expecting: .changes(1))
    }

    /// Ends an upload; its parts stay. A conflict when it has ended already.
    package static func end(_ upload: UploadRecord) -> Statement {
        Statement(
            "DELETE FROM multipart_upload WHERE bucket = ? AND object_key = ? AND id = ?",
            [.integer(upload.bucket), upload.key.value, .text(upload.id)], expecting: .changes(1))
    }

    /// Deletes the row of a part.
    package static func deletePart(_ part: PartRecord) -> Statement {
        Statement(
            "DELETE FROM object_part WHERE owner = ? AND part_number = ?", [.text(part.owner), .integer(part.number)])
    }

    /// Deletes the rows of all parts of an upload.
    package static func deleteParts(of owner: String) -> Statement {
        Statement("DELETE FROM object_part WHERE owner = ?", [.text(owner)])
    }

    /// An upload; nil when there is none.
    package static func find(
        _ id: String, key: ObjectKey, in bucket: Int64, in transaction: any ReadTransaction
    ) throws(StoreError) -> UploadRecord? {
        let row = try transaction.row(
            "SELECT \(columns) WHERE bucket = ? AND object_key = ? AND id = ?", [.integer(bucket), key.value, .text(id)])
        guard let row else { return nil }
        return try record(row)
    }

    /// The uploads of a bucket by key and then by age, those behind `after`, from the key `start` on, at most `limit`.
    package static func list(
        _ bucket: Int64, from start: ObjectKey, after: (key: ObjectKey, id: String)?, before end: ObjectKey?, limit: Int,
        in transaction: any ReadTransaction
    ) throws(StoreError) -> [UploadRecord] {
        var sql = "SELECT \(columns) WHERE bucket = ? AND object_key >= ?"
        var values: [SQLValue] = [.integer(bucket), start.value]
        if let after {
            sql += " AND (object_key, id) > (?, ?)"
            values += [after.key.value, .text(after.id)]
        }
        if let end {
            sql += " AND object_key < ?"
            values.append(end.value)
        }
        var records: [UploadRecord] = []
        for row in try transaction.rows(sql + " ORDER BY object_key, id LIMIT ?", values + [.integer(limit)]) {
            records.append(try record(row))
        }
        return records
    }

    /// The parts of an upload or object by number, those after `number`, at most `limit`.
    package static func parts(
        of owner: String, after number: Int = 0, limit: Int = 10_000, in transaction: any ReadTransaction
    ) throws(StoreError) -> [PartRecord] {
        var records: [PartRecord] = []
        let rows = try transaction.rows(
            "SELECT \(partColumns) WHERE owner = ? AND part_number > ? ORDER BY part_number LIMIT ?",
            [.text(owner), .integer(number), .integer(limit)])
        for row in rows { records.append(try part(row)) }
        return records
    }

    /// A part of an upload; nil when there is none of this number.
    package static func part(
        _ number: Int, of owner: String, in transaction: any ReadTransaction
    ) throws(StoreError) -> PartRecord? {
        let row = try transaction.row(
            "SELECT \(partColumns) WHERE owner = ? AND part_number = ?", [.text(owner), .integer(number)])
        guard let row else { return nil }
        return try part(row)
    }

    /// The files of all parts, a page at a time: those behind `last`, at most `limit`.
    package static func files(
        after last: (owner: String, number: Int)?, limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> (names: [String], last: (owner: String, number: Int)?) {
        let rows = try transaction.rows(
            """
            SELECT owner, part_number, file FROM object_part WHERE (owner, part_number) > (?, ?)
            ORDER BY owner, part_number LIMIT ?
            """, [.text(last?.owner ?? ""), .integer(last?.number ?? 0), .integer(limit)])
        var names: [String] = []
        for row in rows { names.append(try row.text(2)) }
        guard rows.count == limit, let end = rows.last else { return (names, nil) }
        return (names, (try end.text(0), Int(try end.integer(1))))
    }

    private static func record(_ row: Row) throws(StoreError) -> UploadRecord {
        UploadRecord(
            bucket: try row.integer(0), key: ObjectKey(bytes: try row.blob(1)), id: try row.text(2),
            initiatedAt: Timestamp(milliseconds: try row.integer(3)), checksumAlgorithm: row.values[4].text,
            checksumType: row.values[5].text, facts: try row.blob(6), tags: row.values[7].blob)
    }

    private static func part(_ row: Row) throws(StoreError) -> PartRecord {
        PartRecord(
            owner: try row.text(0), number: Int(try row.integer(1)), file: try row.text(2), size: try row.integer(3),
            etag: try row.text(4), checksum: row.values[5].text, modifiedAt: Timestamp(milliseconds: try row.integer(6)))
    }
}
