import Synchronization

/// Remembers derived signing keys, never verdicts: every signature is still computed and compared.
///
/// At most `capacity` keys are kept, in two generations. A key that is used moves to the young one; when that has half the
/// capacity, the old one is dropped, so that what goes are keys not used lately, and no operation costs more than constant time.
final class SigningKeyCache: Sendable {
    private struct Slot: Hashable {
        var accessKeyID: String
        var scope: CredentialScope
    }

    private struct Entry {
        /// Guards against an access key id that is given another secret.
        var secretAccessKey: String
        var key: SigningKey
    }

    private struct State {
        var young: [Slot: Entry] = [:]
        var old: [Slot: Entry] = [:]
    }

    private let generationSize: Int
    private let state = Mutex(State())

    /// A cache of at most `capacity` keys.
    init(capacity: Int) {
        generationSize = max(1, capacity / 2)
    }

    /// The number of keys kept.
    var count: Int { state.withLock { $0.young.count + $0.old.count } }

    /// The key for a credential and scope, derived now when it is not remembered.
    func key(for credential: AccessCredential, scope: CredentialScope) -> SigningKey {
        let slot = Slot(accessKeyID: credential.accessKeyID, scope: scope)
        let secret = credential.secretAccessKey
        let known = state.withLock { state -> SigningKey? in
            if let entry = state.young[slot], entry.secretAccessKey == secret { return entry.key }
            guard let entry = state.old.removeValue(forKey: slot), entry.secretAccessKey == secret else { return nil }
            insert(entry, at: slot, into: &state)
            return entry.key
        }
        if let known { return known }
        // Derived outside the lock: two threads may do it at once, and both get the same key.
        let derived = SigningKey(secretAccessKey: secret, scope: scope)
        state.withLock { insert(Entry(secretAccessKey: secret, key: derived), at: slot, into: &$0) }
        return derived
    }

    private func insert(_ entry: Entry, at slot: Slot, into state: inout State) {
        if state.young.count >= generationSize, state.young[slot] == nil {
            state.old = state.young
            state.young = [:]
        }
        state.old[slot] = nil
        state.young[slot] = entry
    }
}
