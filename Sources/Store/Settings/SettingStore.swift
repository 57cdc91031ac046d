/// Single values of the whole installation, such as the engine's root key.
package enum SettingStore {
    /// The value of a setting.
    package static func value(_ name: String, in transaction: any ReadTransaction) throws(StoreError) -> [UInt8]? {
        try transaction.row("SELECT value FROM setting WHERE name = ?", [.text(name)])?.blob(0)
    }

    /// Sets a value that is not there yet; a conflict when it is.
    package static func insert(_ name: String, _ value: [UInt8]) -> Statement {
        Statement("INSERT INTO setting (name, value) VALUES (?, ?)", [.text(name), .blob(value)])
    }
}
