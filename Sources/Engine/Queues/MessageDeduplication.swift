import Crypto
import Store
import TimeSource

/// What was sent to a FIFO queue in the last five minutes, by the digests of deduplication ids.
struct MessageDeduplication {
    /// Of a deduplication id, within its group where the queue says so.
    struct Digest: Hashable, Sendable {
        private let high: UInt64
        private let low: UInt64

        /// The digest of an id.
        init(_ id: String, group: String?, scope: QueueAttributes.DeduplicationScope) {
            var hash = SHA256()
            if scope == .messageGroup { hash.update(data: Array((group ?? "").utf8) + [0]) }
            hash.update(data: Array(id.utf8))
            self.init(Array(hash.finalize()))
        }

        /// The digest of its bytes, 16 at least.
        init(_ bytes: [UInt8]) {
            high = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
            low = bytes.dropFirst(8).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        }

        /// Its 16 bytes.
        var bytes: [UInt8] {
            [high, low].flatMap { word in stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> UInt64($0)) } }
        }
    }

    /// What is known of a digest.
    enum Finding: Equatable {
        /// Nothing, or it is too long ago.
        case new
        /// A batch on its way to the database has it.
        case pending
        /// A message that is stored has it.
        case sent(Int64)
    }

    private struct Entry {
        let sequence: Int64
        var isPending: Bool
    }

    /// How long a digest is remembered (Amazon SQS Developer Guide, "Exactly-once processing in Amazon SQS").
    static let interval = Duration.seconds(300)

    private var entries: [Digest: Entry] = [:]
    private var order = SlidingArray<(sequence: Int64, digest: Digest)>()

    /// What is known of a digest.
    mutating func find(_ digest: Digest, at now: Timestamp) -> Finding {
        expire(at: now)
        guard let entry = entries[digest] else { return .new }
        return entry.isPending ? .pending : .sent(entry.sequence)
    }

    /// Remembers a message whose batch is on its way, or is stored.
    mutating func insert(_ digest: Digest, sequence: Int64, isPending: Bool) {
        entries[digest] = Entry(sequence: sequence, isPending: isPending)
        order.append((sequence, digest))
    }

    /// The batch is stored.
    mutating func confirm(_ digest: Digest) { entries[digest]?.isPending = false }

    /// The batch was not applied.
    mutating func forget(_ digest: Digest, sequence: Int64) {
        if entries[digest]?.sequence == sequence { entries[digest] = nil }
    }

    /// The last message that is too old to be remembered.
    static func lastForgotten(at now: Timestamp) -> Int64 {
        MessageSequence.last(before: now - interval + .milliseconds(1))
    }

    private mutating func expire(at now: Timestamp) {
        let last = MessageDeduplication.lastForgotten(at: now)
        while let first = order.first, first.sequence <= last {
            _ = order.popFirst()
            if entries[first.digest]?.sequence == first.sequence { entries[first.digest] = nil }
        }
    }
}

/// The deduplication id of a message without one, when the queue makes it of the body: its SHA-256 in hexadecimal digits.
enum ContentDigest {
    /// The digest of a body.
    static func text(_ body: String) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(64)
        for byte in SHA256.hash(data: Array(body.utf8)) {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
