package import SecretEncryption
package import Store
import Synchronization
package import TimeSource

/// All access keys that are valid now, in memory: the lasting ones of the store, and temporary ones that functions run with.
package final class AccessKeyDirectory: Sendable {
    private let database: any Database
    private let vault: SecretVault
    private let clock: any ClockSource
    private let identifiers: IdentifierSource
    private let keys = Mutex<[String: AccessKey]>([:])

    /// A directory over the store; `load()` fills it.
    package init(database: any Database, vault: SecretVault, clock: any ClockSource, identifiers: IdentifierSource) {
        self.database = database
        self.vault = vault
        self.clock = clock
        self.identifiers = identifiers
    }

    /// Reads and opens the lasting keys.
    /// - Returns: how many there are.
    package func load() async throws -> Int {
        let records = try await database.read { try AccessKeyStore.active(in: $0) }
        for record in records {
            let secret = try await vault.open(
                record.sealedSecret, account: record.account, context: AccessKeyDirectory.context(record.id))
            let key = AccessKey(
                id: record.id, secret: String(decoding: secret, as: UTF8.self), account: record.account,
                principalARN: AccessKeyDirectory.userARN(record.principal, account: record.account))
            keys.withLock { $0[key.id] = key }
        }
        return records.count
    }

    /// The key with this id, nil when there is none or it has ended. Answers from memory.
    package func key(_ id: String) -> AccessKey? {
        guard let key = keys.withLock({ $0[id] }) else { return nil }
        if let end = key.expiresAt, end <= clock.now { return nil }
        return key
    }

    /// Makes a lasting key for a user; durable when it answers.
    ///
    /// - Parameter handOver: gives the key to its user before it is stored, so that no stored key is unknown to everybody after a
    ///   crash in between.
    @discardableResult
    package func createKey(
        user: String, account: String, handOver: (AccessKey) throws -> Void = { _ in }
    ) async throws -> AccessKey {
        let key = AccessKey(
            id: "AKIA" + identifiers.base32(characters: 16), secret: identifiers.base64(characters: 40), account: account,
            principalARN: AccessKeyDirectory.userARN(user, account: account))
        try handOver(key)
        let sealed = try await vault.seal(
            Array(key.secret.utf8), account: account, context: AccessKeyDirectory.context(key.id))
        try await database.apply([
            AccessKeyStore.create(
                AccessKeyRecord(id: key.id, account: account, principal: user, sealedSecret: sealed, createdAt: clock.now))
        ])
        keys.withLock { $0[key.id] = key }
        return key
    }

    /// Issues a temporary key that acts as a role, for one function process. It ends with `revoke`, with the server, or after
    /// `lifetime`.
    package func issueSession(role: String, session: String, account: String, lifetime: Duration) -> AccessKey {
        let roleName = role.split(separator: "/").last.map(String.init) ?? "role"
        let key = AccessKey(
            id: "ASIA" + identifiers.base32(characters: 16), secret: identifiers.base64(characters: 40),
            sessionToken: identifiers.base64(characters: 200), expiresAt: clock.now + lifetime, account: account,
            principalARN: "arn:aws:sts::\(account):assumed-role/\(roleName)/\(session)")
        keys.withLock { $0[key.id] = key }
        return key
    }

    /// Ends a temporary key.
    package func revoke(_ id: String) {
        keys.withLock { $0[id] = nil }
    }

    private static func context(_ id: String) -> [String] { ["access-key", id] }

    private static func userARN(_ user: String, account: String) -> String { "arn:aws:iam::\(account):user/\(user)" }
}
