package import TimeSource

/// What has been applied once already: requests of our own parts that may be made again after a crash (core rule 1, "internal").
package enum InboxStore {
    /// How long a key is remembered. An effect is repeated at the next start of the server, long before that.
    package static let retention = Duration.seconds(7 * 86_400)

    /// Remembers a request with its answer. In the same batch as what the request does; a conflict when it was applied before.
    package static func record(_ key: String, result: [UInt8], at instant: Timestamp) -> Statement {
        Statement(
            "INSERT INTO inbox (dedupe_key, result, created_at) VALUES (?, ?, ?)",
            [.text(key), .blob(result), .integer(instant.milliseconds)])
    }

    /// The answer that a request got, nil when it was not applied yet.
    package static func result(of key: String, in transaction: any ReadTransaction) throws(StoreError) -> [UInt8]? {
        guard let row = try transaction.row("SELECT result FROM inbox WHERE dedupe_key = ?", [.text(key)]) else { return nil }
        return try row.blob(0)
    }

    /// Forgets keys older than an instant, `limit` at most.
    package static func prune(before instant: Timestamp, limit: Int) -> Statement {
        Statement(
            "DELETE FROM inbox WHERE dedupe_key IN (SELECT dedupe_key FROM inbox WHERE created_at < ? ORDER BY created_at LIMIT ?)",
            [.integer(instant.milliseconds), .integer(limit)])
    }
}
