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
