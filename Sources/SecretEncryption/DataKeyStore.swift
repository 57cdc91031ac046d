/// Where the wrapped data keys of the accounts are kept. What it holds is useless without the master key.
package protocol DataKeyStore: Sendable {
    /// The wrapped data key of an account, nil when it has none.
    func wrappedDataKey(account: String) async throws -> [UInt8]?

    /// Stores an account's first data key durably and answers it, or answers the one that was stored before.
    func insertDataKey(_ wrapped: [UInt8], account: String) async throws -> [UInt8]

    /// Every account that has a data key, for the rotation of the master key.
    func accountsWithDataKey() async throws -> [String]

    /// Replaces an account's wrapped data key durably by the same key wrapped otherwise.
    func replaceDataKey(_ wrapped: [UInt8], account: String) async throws
}
