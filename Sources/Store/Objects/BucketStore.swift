import TimeSource

/// Buckets, and what is set on them as a whole.
package enum BucketStore {
    /// Creates a bucket. A name or number that is taken is a conflict.
    package static func create(_ bucket: BucketRecord) -> Statement {
        Statement(
            "INSERT INTO bucket (account, name, id, created_at) VALUES (?, ?, ?, ?)",
            [.text(bucket.account), .text(bucket.name), .integer(bucket.id), .integer(bucket.createdAt.milliseconds)])
    }

    /// Deletes a bucket with its settings and unfinished uploads. A conflict when it has objects, or is gone.
    package static func delete(_ bucket: BucketRecord) -> [Statement] {
        [
            Statement(
                "DELETE FROM bucket WHERE account = ? AND name = ? AND id = ? AND NOT EXISTS (SELECT 1 FROM object WHERE object.bucket = ?)",
                [.text(bucket.account), .text(bucket.name), .integer(bucket.id), .integer(bucket.id)], expecting: .changes(1)),
            Statement("DELETE FROM bucket_setting WHERE bucket = ?", [.integer(bucket.id)]),
            Statement(
                "DELETE FROM object_part WHERE owner IN (SELECT id FROM multipart_upload WHERE bucket = ?)", [.integer(bucket.id)]),
            Statement("DELETE FROM multipart_upload WHERE bucket = ?", [.integer(bucket.id)]),
        ]
    }

    /// A bucket by its name; nil when there is none.
    package static func find(
        _ name: String, account: String, in transaction: any ReadTransaction
    ) throws(StoreError) -> BucketRecord? {
        let row = try transaction.row(
            "SELECT account, name, id, created_at FROM bucket WHERE account = ? AND name = ?", [.text(account), .text(name)])
        guard let row else { return nil }
        return try record(row)
    }

    /// The buckets of an account by name, those after `name` that begin with `prefix`, at most `limit`.
    package static func list(
        account: String, prefix: String, after name: String, limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> [BucketRecord] {
        var records: [BucketRecord] = []
        // Names are of lower-case letters, digits, dots and hyphens: a tilde is behind all of them.
        let rows = try transaction.rows(
            """
            SELECT account, name, id, created_at FROM bucket
            WHERE account = ? AND name > ? AND name >= ? AND name < ? ORDER BY name LIMIT ?
            """, [.text(account), .text(name), .text(prefix), .text(prefix + "~"), .integer(limit)])
        for row in rows { records.append(try record(row)) }
        return records
    }

    /// Sets a document of a bucket, replacing the earlier one. A conflict when the bucket is gone.
    package static func set(_ kind: String, to document: [UInt8], of bucket: Int64) -> Statement {
        Statement(
            """
            INSERT INTO bucket_setting (bucket, kind, document) SELECT id, ?, ? FROM bucket WHERE id = ?
            ON CONFLICT (bucket, kind) DO UPDATE SET document = excluded.document
            """, [.text(kind), .blob(document), .integer(bucket)], expecting: .changes(1))
    }

    /// Removes a document of a bucket; no error when it is absent.
    package static func remove(_ kind: String, of bucket: Int64) -> Statement {
        Statement("DELETE FROM bucket_setting WHERE bucket = ? AND kind = ?", [.integer(bucket), .text(kind)])
    }

    /// A document of a bucket; nil when it is not set.
    package static func setting(
        _ kind: String, of bucket: Int64, in transaction: any ReadTransaction
    ) throws(StoreError) -> [UInt8]? {
        try transaction.row(
            "SELECT document FROM bucket_setting WHERE bucket = ? AND kind = ?", [.integer(bucket), .text(kind)])?.blob(0)
    }

    private static func record(_ row: Row) throws(StoreError) -> BucketRecord {
        BucketRecord(
            account: try row.text(0), name: try row.text(1), id: try row.integer(2),
            createdAt: Timestamp(milliseconds: try row.integer(3)))
    }
}
