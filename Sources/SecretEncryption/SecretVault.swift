import Crypto
import Synchronization
package import TimeSource

/// Seals secrets before they are stored: each account has a data key, which is stored wrapped under the master key (envelope encryption).
///
/// A secret is bound to its account and to a context the caller names, such as `["parameter", name, version]`; moved to another place in
/// the database it does not open. Data keys stay in memory once they are unwrapped.
package final class SecretVault: Sendable {
    private struct DataKey: Sendable {
        let id: [UInt8]
        let key: SymmetricKey
    }

    private struct Keys {
        var master: MasterKey
        /// The new master key while a rotation is under way, also one that a crash interrupted.
        var next: MasterKey?
        var data: [String: DataKey] = [:]
        /// How many new data keys, wrapped under `master`, are on their way to the store; a rotation waits for them.
        var insertions = 0
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private static let secretLabel = "nightshift secret"
    private static let dataKeyLabel = "nightshift data key"

    private let file: MasterKeyFile
    private let store: any DataKeyStore
    private let random: any RandomSource
    private let keys: Mutex<Keys>

    /// Opens the vault whose master key lies in `masterKeyFile`; the file is made, on the disk and with mode 0600, when it is missing.
    ///
    /// - Throws: `SecretError` when the file may be read by others, is damaged or cannot be made.
    package init(
        masterKeyFile: String, store: any DataKeyStore, random: any RandomSource = SystemRandomSource()
    ) throws(SecretError) {
        file = MasterKeyFile(path: masterKeyFile)
        self.store = store
        self.random = random
        keys = Mutex(Keys(master: try file.loadOrCreate(random: random), next: try file.successor.load()))
    }

    /// Encrypts a secret for its place. Each call gives other bytes, 37 more than the secret has.
    package func seal(_ plaintext: [UInt8], account: String, context: [String]) async throws -> [UInt8] {
        let dataKey = try await dataKeyOrNew(of: account)
        return try SealedBox.seal(
            plaintext, key: dataKey.key, keyID: dataKey.id, label: Self.secretLabel, context: [account] + context, random: random)
    }

    /// Decrypts a secret that was sealed for this account and context.
    /// - Throws: `SecretError`, or what the store throws.
    package func open(_ sealed: [UInt8], account: String, context: [String]) async throws -> [UInt8] {
        let box = try SealedBox(sealed)
        guard let dataKey = try await dataKey(of: account), dataKey.id == box.keyID else {
            throw SecretError.unknownDataKey(account: account)
        }
        return try box.open(key: dataKey.key, label: Self.secretLabel, context: [account] + context)
    }

    /// Makes a new master key and wraps every data key under it; secrets themselves stay as they are. Answers how many were wrapped.
    ///
    /// The new key lies beside the old one until the last data key is wrapped. After a crash both are known, so everything opens, and the
    /// next call goes on where this one stopped. One call at a time.
    @discardableResult
    package func rotateMasterKey() async throws -> Int {
        let next = try file.successor.loadOrCreate(random: random)
        // From here on new accounts' keys are wrapped under the new key; once those before are stored the list below misses none.
        keys.withLock { $0.next = next }
        await insertionsToEnd()
        var count = 0
        for account in try await store.accountsWithDataKey() {
            guard let wrapped = try await store.wrappedDataKey(account: account) else { continue }
            let box = try SealedBox(wrapped)
            guard box.keyID != next.fingerprint else { continue }
            let content = try unwrap(box, account: account)
            try await store.replaceDataKey(wrap(content, under: next, account: account), account: account)
            count += 1
        }
        try file.replaceWithSuccessor()
        keys.withLock { keys in
            keys.master = next
            keys.next = nil
        }
        return count
    }

    private func dataKeyOrNew(of account: String) async throws -> DataKey {
        if let known = try await dataKey(of: account) { return known }
        let fresh = random.bytes(SealedBox.keyIDLength + MasterKey.length)
        let (master, isCounted) = keys.withLock { keys in
            if let next = keys.next { return (next, false) }
            keys.insertions += 1
            return (keys.master, true)
        }
        defer { if isCounted { endInsertion() } }
        // Somebody else may have stored one meanwhile; then that is the account's key.
        let stored = try await store.insertDataKey(wrap(fresh, under: master, account: account), account: account)
        return try remember(stored, account: account)
    }

    private func endInsertion() {
        let woken = keys.withLock { keys in
            keys.insertions -= 1
            guard keys.insertions == 0 else { return [CheckedContinuation<Void, Never>]() }
            defer { keys.waiting = [] }
            return keys.waiting
        }
        for continuation in woken { continuation.resume() }
    }

    private func insertionsToEnd() async {
        await withCheckedContinuation { continuation in
            let isReady = keys.withLock { keys in
                if keys.insertions == 0 { return true }
                keys.waiting.append(continuation)
                return false
            }
            if isReady { continuation.resume() }
        }
    }

    private func dataKey(of account: String) async throws -> DataKey? {
        if let known = keys.withLock({ $0.data[account] }) { return known }
        guard let wrapped = try await store.wrappedDataKey(account: account) else { return nil }
        return try remember(wrapped, account: account)
    }

    private func remember(_ wrapped: [UInt8], account: String) throws(SecretError) -> DataKey {
        let content = try unwrap(try SealedBox(wrapped), account: account)
        guard content.count == SealedBox.keyIDLength + MasterKey.length else { throw .malformed }
        let dataKey = DataKey(
            id: Array(content[..<SealedBox.keyIDLength]), key: SymmetricKey(data: content[SealedBox.keyIDLength...]))
        keys.withLock { $0.data[account] = dataKey }
        return dataKey
    }

    private func unwrap(_ box: SealedBox, account: String) throws(SecretError) -> [UInt8] {
        let masters = keys.withLock { [$0.master] + ($0.next.map { [$0] } ?? []) }
        guard let master = masters.first(where: { $0.fingerprint == box.keyID }) else { throw .unknownMasterKey(account: account) }
        return try box.open(key: master.key, label: Self.dataKeyLabel, context: [account])
    }

    private func wrap(_ content: [UInt8], under master: MasterKey, account: String) throws(SecretError) -> [UInt8] {
        try SealedBox.seal(
            content, key: master.key, keyID: master.fingerprint, label: Self.dataKeyLabel, context: [account], random: random)
    }
}
