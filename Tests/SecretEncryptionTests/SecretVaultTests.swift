import Foundation
import Synchronization
import Testing
import TimeSource

@testable import SecretEncryption

/// Data keys in memory.
private final class MemoryKeyStore: DataKeyStore {
    let keys: Mutex<[String: [UInt8]]>

    init(_ keys: [String: [UInt8]] = [:]) { self.keys = Mutex(keys) }

    struct Failure: Error {}

    func wrappedDataKey(account: String) async throws -> [UInt8]? { keys.withLock { $0[account] } }

    func insertDataKey(_ wrapped: [UInt8], account: String) async throws -> [UInt8] {
        keys.withLock { keys in
            if let known = keys[account] { return known }
            keys[account] = wrapped
            return wrapped
        }
    }

    func accountsWithDataKey() async throws -> [String] { keys.withLock { $0.keys.sorted() } }

    func replaceDataKey(_ wrapped: [UInt8], account: String) async throws {
        keys.withLock { $0[account] = wrapped }
    }
}

final class SecretVaultTests: Sendable {
    private let directory: String
    private let keyFile: String
    private let store = MemoryKeyStore()

    init() throws {
        directory = NSTemporaryDirectory() + "/secret-" + UUID().uuidString
        keyFile = directory + "/master.key"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    private func vault() throws -> SecretVault { try SecretVault(masterKeyFile: keyFile, store: store) }

    private let secret = Array("correct horse battery staple".utf8)
    private let context = ["parameter", "/batch/password", "3"]

    @Test func aSecretOpensInItsPlaceAfterARestart() async throws {
        let sealed = try await vault().seal(secret, account: "1", context: context)
        #expect(try await vault().open(sealed, account: "1", context: context) == secret)
        #expect(sealed.count == secret.count + 37)
        #expect(!String(decoding: sealed, as: UTF8.self).contains("horse"))
        let empty = try await vault().seal([], account: "1", context: [])
        #expect(try await vault().open(empty, account: "1", context: []) == [])
    }

    @Test func theSameSecretNeverLooksTheSame() async throws {
        let vault = try vault()
        let first = try await vault.seal(secret, account: "1", context: context)
        let second = try await vault.seal(secret, account: "1", context: context)
        #expect(first != second)
    }

    @Test(arguments: [
        ["parameter", "/batch/password", "4"], ["parameter", "/batch/password"], ["parameter/batch/password3"], [],
        ["parameter", "/batch/passwor", "d3"], ["parameter", "/batch/password", "3", ""],
    ])
    func aSecretDoesNotOpenInAnotherPlace(other: [String]) async throws {
        let vault = try vault()
        let sealed = try await vault.seal(secret, account: "1", context: context)
        await #expect(throws: SecretError.authenticationFailed) { try await vault.open(sealed, account: "1", context: other) }
    }

    @Test func aSecretOfAnotherAccountDoesNotOpen() async throws {
        let vault = try vault()
        let sealed = try await vault.seal(secret, account: "1", context: context)
        await #expect(throws: SecretError.unknownDataKey(account: "2")) { try await vault.open(sealed, account: "2", context: context) }
        _ = try await vault.seal(secret, account: "2", context: context)
        await #expect(throws: SecretError.unknownDataKey(account: "2")) { try await vault.open(sealed, account: "2", context: context) }
    }

    @Test func aDataKeyOfAnotherAccountDoesNotUnwrap() async throws {
        let first = try vault()
        let sealed = try await first.seal(secret, account: "1", context: context)
        store.keys.withLock { $0["2"] = $0["1"] }
        await #expect(throws: SecretError.authenticationFailed) { try await first.open(sealed, account: "2", context: context) }
    }

    @Test func everyChangedByteIsNoticed() async throws {
        let vault = try vault()
        let sealed = try await vault.seal(secret, account: "1", context: context)
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            await #expect(throws: SecretError.self, "byte \(index)") { try await vault.open(changed, account: "1", context: self.context) }
        }
        for length in 0..<sealed.count {
            await #expect(throws: SecretError.self) {
                try await vault.open(Array(sealed[..<length]), account: "1", context: self.context)
            }
        }
    }

    @Test func theKeyFileIsMadeOnceAndForItsOwnerAlone() throws {
        _ = try vault()
        let first = try Data(contentsOf: URL(fileURLWithPath: keyFile))
        _ = try vault()
        #expect(try Data(contentsOf: URL(fileURLWithPath: keyFile)) == first)
        #expect(first.count == 32)
        let mode = try FileManager.default.attributesOfItem(atPath: keyFile)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["master.key"], "nothing temporary is left")
    }

    @Test(arguments: [0o644, 0o640, 0o660, 0o606, 0o601])
    func aKeyFileThatOthersMayUseIsRefused(mode: Int) throws {
        _ = try vault()
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: keyFile)
        #expect(throws: SecretError.laxPermissions(path: keyFile, mode: UInt32(mode))) { try self.vault() }
    }

    @Test(arguments: [0, 31, 33])
    func aKeyFileOfAnotherLengthIsRefused(length: Int) throws {
        #expect(
            FileManager.default.createFile(
                atPath: keyFile, contents: Data(count: length), attributes: [.posixPermissions: 0o600]))
        #expect(throws: SecretError.malformedKeyFile(path: keyFile)) { try self.vault() }
    }

    @Test func aLostMasterKeyIsToldApartFromDamage() async throws {
        let sealed = try await vault().seal(secret, account: "1", context: context)
        try FileManager.default.removeItem(atPath: keyFile)
        let other = try vault()
        await #expect(throws: SecretError.unknownMasterKey(account: "1")) { try await other.open(sealed, account: "1", context: self.context) }
    }

    @Test func rotationKeepsSecretsReadable() async throws {
        let vault = try vault()
        var sealed: [String: [UInt8]] = [:]
        for account in ["1", "2", "3"] { sealed[account] = try await vault.seal(secret, account: account, context: context) }
        let oldKey = try Data(contentsOf: URL(fileURLWithPath: keyFile))
        let oldStore = MemoryKeyStore(store.keys.withLock { $0 })
        #expect(try await vault.rotateMasterKey() == 3)
        #expect(try Data(contentsOf: URL(fileURLWithPath: keyFile)) != oldKey)
        for (account, bytes) in sealed {
            #expect(try await vault.open(bytes, account: account, context: context) == secret)
            #expect(try await self.vault().open(bytes, account: account, context: context) == secret)
        }
        // What a thief of the old key and a new database has is worth nothing.
        try oldKey.write(to: URL(fileURLWithPath: keyFile))
        let old = try SecretVault(masterKeyFile: keyFile, store: store)
        await #expect(throws: SecretError.unknownMasterKey(account: "1")) {
            try await old.open(sealed["1"] ?? [], account: "1", context: self.context)
        }
        let restored = try SecretVault(masterKeyFile: keyFile, store: oldStore)
        #expect(try await restored.open(sealed["1"] ?? [], account: "1", context: context) == secret)
    }

    @Test(arguments: [0, 1, 2])
    func aRotationThatWasInterruptedGoesOn(completed: Int) async throws {
        let first = try vault()
        var sealed: [String: [UInt8]] = [:]
        for account in ["1", "2", "3"] { sealed[account] = try await first.seal(secret, account: account, context: context) }
        // Stands for a crash after `completed` of three replacements.
        let failing = CountdownStore(store: store, allowed: completed)
        let crashing = try SecretVault(masterKeyFile: keyFile, store: failing)
        await #expect(throws: MemoryKeyStore.Failure.self) { try await crashing.rotateMasterKey() }

        let second = try vault()
        for (account, bytes) in sealed { #expect(try await second.open(bytes, account: account, context: context) == secret) }
        let late = try await second.seal(secret, account: "4", context: context)
        #expect(try await second.rotateMasterKey() == 3 - completed)
        let third = try vault()
        for (account, bytes) in sealed { #expect(try await third.open(bytes, account: account, context: context) == secret) }
        #expect(try await third.open(late, account: "4", context: context) == secret)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["master.key"])
    }

    @Test func concurrentFirstSecretsShareOneDataKey() async throws {
        let vault = try vault()
        let sealed = try await withThrowingTaskGroup(of: [UInt8].self) { group in
            for _ in 0..<20 { group.addTask { try await vault.seal([1], account: "1", context: []) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let reopened = try self.vault()
        for bytes in sealed { #expect(try await reopened.open(bytes, account: "1", context: []) == [1]) }
        #expect(store.keys.withLock { $0.count } == 1)
    }

    @Test func aRotationMissesNoDataKeyThatIsMadeMeanwhile() async throws {
        let slow = GatedStore(store: store)
        let vault = try SecretVault(masterKeyFile: keyFile, store: slow)
        async let sealing = vault.seal(secret, account: "1", context: context)
        await slow.arrival()
        async let rotating = vault.rotateMasterKey()
        // The rotation may be anywhere before the list of accounts; it gets no further until the key is stored.
        for _ in 0..<100 { await Task.yield() }
        slow.open()
        let sealed = try await sealing
        #expect(try await rotating == 1)
        #expect(try await self.vault().open(sealed, account: "1", context: context) == secret)
    }

    @Test func errorsNameNoSecret() {
        let errors: [SecretError] = [
            .laxPermissions(path: "/k", mode: 0o644), .malformedKeyFile(path: "/k"), .keyFileFailure(path: "/k", call: "open", errno: 13),
            .unknownMasterKey(account: "1"), .unknownDataKey(account: "1"), .malformed, .authenticationFailed,
        ]
        for error in errors { #expect(!error.description.isEmpty) }
        #expect(SecretError.laxPermissions(path: "/k", mode: 0o644).description.contains("0644"))
    }
}

/// Lets only some replacements through.
private final class CountdownStore: DataKeyStore {
    private let store: MemoryKeyStore
    private let allowed: Mutex<Int>

    init(store: MemoryKeyStore, allowed: Int) {
        self.store = store
        self.allowed = Mutex(allowed)
    }

    func wrappedDataKey(account: String) async throws -> [UInt8]? { try await store.wrappedDataKey(account: account) }
    func insertDataKey(_ wrapped: [UInt8], account: String) async throws -> [UInt8] { try await store.insertDataKey(wrapped, account: account) }
    func accountsWithDataKey() async throws -> [String] { try await store.accountsWithDataKey() }

    func replaceDataKey(_ wrapped: [UInt8], account: String) async throws {
        let isAllowed = allowed.withLock { allowed in
            allowed -= 1
            return allowed >= 0
        }
        guard isAllowed else { throw MemoryKeyStore.Failure() }
        try await store.replaceDataKey(wrapped, account: account)
    }
}

/// Holds back the first insertion until a test lets it go.
private final class GatedStore: DataKeyStore {
    private let store: MemoryKeyStore
    private let state = Mutex((hasArrived: false, isOpen: false))

    init(store: MemoryKeyStore) { self.store = store }

    func open() { state.withLock { $0.isOpen = true } }
    func arrival() async { while !state.withLock({ $0.hasArrived }) { await Task.yield() } }

    func wrappedDataKey(account: String) async throws -> [UInt8]? { try await store.wrappedDataKey(account: account) }
    func accountsWithDataKey() async throws -> [String] { try await store.accountsWithDataKey() }
    func replaceDataKey(_ wrapped: [UInt8], account: String) async throws { try await store.replaceDataKey(wrapped, account: account) }

    func insertDataKey(_ wrapped: [UInt8], account: String) async throws -> [UInt8] {
        state.withLock { $0.hasArrived = true }
        while !state.withLock({ $0.isOpen }) { await Task.yield() }
        return try await store.insertDataKey(wrapped, account: account)
    }
}
