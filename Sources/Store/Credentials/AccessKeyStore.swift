package import TimeSource

/// A long-lived access key. Its secret is sealed; the store never sees it in the clear.
package struct AccessKeyRecord: Sendable, Hashable {
    /// The public part, `AKIA…`.
    package let id: String
    /// The account that it acts for.
    package let account: String
    /// Who it is: a user name.
    package let principal: String
    /// The secret, sealed under the account's data key.
    package let sealedSecret: [UInt8]
    /// When it was made.
    package let createdAt: Timestamp

    /// A key with these facts.
    package init(id: String, account: String, principal: String, sealedSecret: [UInt8], createdAt: Timestamp) {
        self.id = id
        self.account = account
        self.principal = principal
        self.sealedSecret = sealedSecret
        self.createdAt = createdAt
    }
}

/// Access keys, and the wrapped data keys that seal them and other secrets.
package enum AccessKeyStore {
    /// Adds a key.
    package static func create(_ record: AccessKeyRecord) -> Statement {
        Statement(
            "INSERT INTO access_key (id, account, principal, sealed_secret, status, created_at) VALUES (?, ?, ?, ?, 'Active', ?)",
            [
                .text(record.id), .text(record.account), .text(record.principal), .blob(record.sealedSecret),
                .integer(record.createdAt.milliseconds),
            ])
    }

    /// All active keys.
    package static func active(in transaction: any ReadTransaction) throws(StoreError) -> [AccessKeyRecord] {
        var records: [AccessKeyRecord] = []
        for row in try transaction.rows(
            "SELECT id, account, principal, sealed_secret, created_at FROM access_key WHERE status = 'Active' ORDER BY id")
        {
            records.append(
                AccessKeyRecord(
                    id: try row.text(0), account: try row.text(1), principal: try row.text(2), sealedSecret: try row.blob(3),
                    createdAt: Timestamp(milliseconds: try row.integer(4))))
        }
        return records
    }
}
