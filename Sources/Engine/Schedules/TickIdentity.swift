import Crypto
package import TimeSource

/// The ids of a tick, fixed before anything is called: made of what the tick is, so that every attempt to record or deliver it, before
/// and after a crash, uses the same ones.
///
/// They are shaped like version 7 UUIDs of the due time, since they become keys that are best stored in order.
package struct TickIdentity: Sendable, Hashable {
    private let schedule: String
    private let due: Timestamp

    /// The ids of a schedule's tick.
    package init(schedule: String, due: Timestamp) {
        self.schedule = schedule
        self.due = due
    }

    /// The id of the event that the tick sends to all its targets.
    package var eventID: String { uuid("event", "") }

    /// The id of the delivery to a target.
    package func deliveryID(target: String) -> String { uuid("delivery", target) }

    private func uuid(_ purpose: String, _ detail: String) -> String {
        let text = [purpose, schedule, String(due.milliseconds), detail].joined(separator: "\u{0}")
        var bytes = Array(SHA256.hash(data: Array(text.utf8)).prefix(16))
        for index in 0..<6 { bytes[index] = UInt8(truncatingIfNeeded: due.milliseconds >> (40 - 8 * Int64(index))) }
        bytes[6] = bytes[6] & 0x0F | 0x70
        bytes[8] = bytes[8] & 0x3F | 0x80
        let groups: [Range<Int>] = [0..<4, 4..<6, 6..<8, 8..<10, 10..<16]
        return groups.map { bytes[$0].map(TickIdentity.hexadecimal).joined() }.joined(separator: "-")
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
}
