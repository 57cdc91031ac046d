import Synchronization

/// Work of which one round at a time is done for each key. Whoever asks is served by a round that began after asking, together with all
/// others who asked meanwhile; so a thousand who ask at once cost two rounds.
final class SharedRounds<Key: Hashable & Sendable>: Sendable {
    private enum Role: Sendable {
        /// To do the round, also for these.
        case leader(of: [CheckedContinuation<Role, Never>])
        /// Somebody did it.
        case served((any Error)?)
    }

    /// Those who wait for the next round, by keys for which one is under way.
    private let waiting = Mutex<[Key: [CheckedContinuation<Role, Never>]]>([:])

    /// Has a round done for a key, by this caller or another one.
    /// - Throws: what the round threw, to all whom it served.
    func run(_ key: Key, _ round: () async throws -> Void) async throws {
        let role = await withCheckedContinuation { caller in
            let isFirst = waiting.withLock { waiting in
                guard waiting[key] != nil else {
                    waiting[key] = []
                    return true
                }
                waiting[key]?.append(caller)
                return false
            }
            if isFirst { caller.resume(returning: Role.leader(of: [])) }
        }
        switch role {
        case .served(let error):
            if let error { throw error }
        case .leader(let others):
            var failure: (any Error)?
            do { try await round() } catch { failure = error }
            for other in others { other.resume(returning: .served(failure)) }
            next(key)
            if let failure { throw failure }
        }
    }

    private func next(_ key: Key) {
        let callers = waiting.withLock { waiting in
            let callers = waiting[key] ?? []
            waiting[key] = callers.isEmpty ? nil : []
            return callers
        }
        callers.first?.resume(returning: .leader(of: Array(callers.dropFirst())))
    }
}
