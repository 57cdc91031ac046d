import Store
import TimeSource

/// A message in memory, by its place: where it is on its way from sender to consumer.
struct LiveMessage {
    /// Where it is. `docs/architecture/queues.md` lists the arrows.
    enum Place: UInt8 {
        /// The next consumer gets it.
        case ready
        /// Received and not deleted, or not yet shown.
        case hidden
        /// Given to a consumer by a batch on its way to the database.
        case taken
        /// Deleted or moved by a batch on its way to the database.
        case leaving
    }

    /// Where it is.
    var place: Place
    /// Hidden until then, in engine time.
    var visibleAt: Timestamp
    /// How often it was received.
    var receives: Int
    /// Of the last receive.
    var nonce: Int64
    /// By the wall clock.
    var firstReceivedAt: Timestamp
    /// When its retention began, in engine time.
    let retainedFrom: Timestamp
    /// Of a FIFO queue.
    let group: String?
    /// What the sender made; nil when it has to be read.
    var content: MessageContent?

    /// True when it was sent with a delay that is not over.
    var isDelayed: Bool { place == .hidden && receives == 0 }

    /// True when a consumer has it.
    var isInFlight: Bool { place == .taken || (place == .hidden && receives > 0) }
}

/// When a message becomes visible.
struct DueMessage: Comparable {
    /// When, in engine time.
    let at: Timestamp
    /// Its place.
    let sequence: Int64

    /// The order of the heap.
    static func < (left: DueMessage, right: DueMessage) -> Bool {
        left.at == right.at ? left.sequence < right.sequence : left.at < right.at
    }
}

/// A message that a consumer gets, once the batch is durable.
struct TakenMessage: Sendable {
    /// Its place.
    let sequence: Int64
    /// Random, of this receive.
    let nonce: Int64
    /// How often it was received, this time included.
    let receives: Int
    /// By the wall clock.
    let firstReceivedAt: Timestamp
    /// What the sender made; nil when it has to be read.
    let content: MessageContent?

    /// The row that makes the receive durable.
    func row(visibleAt: Timestamp) -> InFlightRow {
        InFlightRow(sequence: sequence, visibleAt: visibleAt, receives: receives, nonce: nonce, firstReceivedAt: firstReceivedAt)
    }
}

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
