import Synchronization

/// Lets one change at a time at an object or upload: rows are read, decided upon and written while nobody else is at the same key.
///
/// Keys share a fixed number of locks. Who needs several keys asks for them at once; they are always taken in the same order.
final class KeyLocks: Sendable {
    private struct Lock {
        var isTaken = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private static let count = 512
    private let locks = Mutex([Lock](repeating: Lock(), count: KeyLocks.count))

    /// Runs `body` while nobody else has one of the keys.
    func with<Key: Hashable & Sendable, Value>(_ keys: [Key], _ body: () async throws -> Value) async rethrows -> Value {
        let places = Set(keys.map { Int(UInt(bitPattern: $0.hashValue) % UInt(KeyLocks.count)) }).sorted()
        for place in places { await take(place) }
        defer { for place in places.reversed() { give(place) } }
        return try await body()
    }

    private func take(_ place: Int) async {
        await withCheckedContinuation { continuation in
            let isFree = locks.withLock { locks in
                guard locks[place].isTaken else {
                    locks[place].isTaken = true
                    return true
                }
                locks[place].waiters.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    private func give(_ place: Int) {
        let next = locks.withLock { locks -> CheckedContinuation<Void, Never>? in
            guard !locks[place].waiters.isEmpty else {
                locks[place].isTaken = false
                return nil
            }
            return locks[place].waiters.removeFirst()
        }
        next?.resume()
    }
}
