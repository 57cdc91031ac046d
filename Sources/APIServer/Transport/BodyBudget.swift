import Synchronization

/// How many bytes of bodies are held, over all requests, so that they cannot fill the memory: those of strangers, whose signature is not
/// verified yet, and those of requests that wait for a slow disk.
final class BodyBudget: Sendable {
    private let limit: Int
    private let held = Mutex(0)

    /// A budget of this many bytes.
    init(limit: Int) {
        self.limit = limit
    }

    /// Takes bytes out of the budget; false when there are not enough left.
    func take(_ count: Int) -> Bool {
        held.withLock { held in
            guard held + count <= limit else { return false }
            held += count
            return true
        }
    }

    /// Gives bytes back.
    func giveBack(_ count: Int) {
        held.withLock { $0 -= count }
    }
}
