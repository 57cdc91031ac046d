import SecretEncryption
package import Store

/// The accounts' wrapped data keys, in the database.
package struct AccountDataKeys: DataKeyStore {
    private let database: any Database

    /// The data keys of a database.
    package init(database: any Database) {
        self.database = database
    }

    package func wrappedDataKey(account: String) async throws -> [UInt8]? {
        try await database.read { try DataKeyRecords.wrapped(account: account, in: $0) }
    }

    package func insertDataKey(_ wrapped: [UInt8], account: String) async throws -> [UInt8] {
        try await database.apply([DataKeyRecords.insert(wrapped, account: account)])
        return try await wrappedDataKey(account: account) ?? wrapped
    }

    package func accountsWithDataKey() async throws -> [String] {
        try await database.read { try DataKeyRecords.accounts(in: $0) }
    }

    package func replaceDataKey(_ wrapped: [UInt8], account: String) async throws {
        try await database.apply([DataKeyRecords.replace(wrapped, account: account)])
    }
}
