/// The tags of any resource, by its ARN or other id.
package enum TagStore {
    /// Sets a tag, replacing its old value.
    package static func set(_ key: String, to value: String, of resource: String, account: String) -> Statement {
        Statement(
            """
            INSERT INTO resource_tag (account, resource, tag_key, tag_value) VALUES (?, ?, ?, ?)
            ON CONFLICT (account, resource, tag_key) DO UPDATE SET tag_value = excluded.tag_value
            """, [.text(account), .text(resource), .text(key), .text(value)])
    }

    /// Removes a tag; no error when it is absent.
    package static func remove(_ key: String, of resource: String, account: String) -> Statement {
        Statement(
            "DELETE FROM resource_tag WHERE account = ? AND resource = ? AND tag_key = ?",
            [.text(account), .text(resource), .text(key)])
    }

    /// Removes all tags of a resource, for its deletion.
    package static func removeAll(of resource: String, account: String) -> Statement {
        Statement("DELETE FROM resource_tag WHERE account = ? AND resource = ?", [.text(account), .text(resource)])
    }

    /// The tags of a resource, ordered by key.
    package static func tags(
        of resource: String, account: String, in transaction: any ReadTransaction
    ) throws(StoreError) -> [(key: String, value: String)] {
        var tags: [(key: String, value: String)] = []
        for row in try transaction.rows(
            "SELECT tag_key, tag_value FROM resource_tag WHERE account = ? AND resource = ? ORDER BY tag_key",
            [.text(account), .text(resource)])
        {
            tags.append((try row.text(0), try row.text(1)))
        }
        return tags
    }
}
