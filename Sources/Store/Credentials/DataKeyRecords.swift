/// The data keys of the accounts, wrapped under the master key.
package enum DataKeyRecords {
    /// An account's wrapped key, nil when it has none.
    package static func wrapped(account: String, in transaction: any ReadTransaction) throws(StoreError) -> [UInt8]? {
        try transaction.row("SELECT wrapped FROM account_data_key WHERE account = ?", [.text(account)])?.blob(0)
    }

    /// Adds an account's first key; leaves the one that is there.
    package static func insert(_ wrapped: [UInt8], account: String) -> Statement {
        Statement(
            "INSERT INTO account_data_key (account, wrapped) VALUES (?, ?) ON CONFLICT (account) DO NOTHING",
            [.text(account), .blob(wrapped)])
    }

    /// Replaces an account's key by the same key wrapped otherwise.
    package static func replace(_ wrapped: [UInt8], account: String) -> Statement {
        Statement(
            "UPDATE account_data_key SET wrapped = ? WHERE account = ?", [.blob(wrapped), .text(account)],
            expecting: .changes(1))
    }

    /// All accounts with a key.
    package static func accounts(in transaction: any ReadTransaction) throws(StoreError) -> [String] {
        var accounts: [String] = []
        for row in try transaction.rows("SELECT account FROM account_data_key ORDER BY account") {
            accounts.append(try row.text(0))
        }
        return accounts
    }
}
