/// How many bytes of messages are kept in memory, by all queues together. Belongs to the engine's lock.
final class ByteBudget {
    private let limit: Int
    private var used = 0

    /// Room for this many bytes.
    init(limit: Int) { self.limit = limit }

    /// Takes this many bytes; false when there is no room.
    func take(_ bytes: Int) -> Bool {
        guard used + bytes <= limit else { return false }
        used += bytes
        return true
    }

    /// Gives bytes back.
    func giveBack(_ bytes: Int) { used -= bytes }
}
