import Synchronization
import TimeSource

/// Keeps the requests to each API destination apart, so that it gets no more in a second than it may.
///
/// A delivery is given a place in the line of its destination once; when it comes back for it, it goes before those that came later. Places
/// are in memory alone: after a restart everybody queues up anew.
final class RequestPacer: Sendable {
    private struct Line {
        /// When the next request may be sent.
        var next: MonotonicInstant
        /// Who comes back for a place.
        var places: [String: MonotonicInstant] = [:]
    }

    /// Places that nobody came back for are forgotten after this long.
    private static let patience = Duration.seconds(300)
    private static let lineLimit = 1_000
    private static let placeLimit = 10_000

    private let lines = Mutex<[String: Line]>([:])

    /// How long a delivery has to wait for its turn. Zero gives it its turn, which it has used up then.
    func wait(_ delivery: String, for destination: String, perSecond rate: Int64, now: MonotonicInstant) -> Duration {
        lines.withLock { lines in
            if lines.count >= RequestPacer.lineLimit { lines = lines.filter { $0.value.next > now } }
            var line = lines.removeValue(forKey: destination) ?? Line(next: now)
            defer { lines[destination] = line }
            let place: MonotonicInstant
            if let known = line.places.removeValue(forKey: delivery) {
                place = known
            } else {
                place = max(line.next, now)
                line.next = place + .nanoseconds(1_000_000_000 / max(1, rate))
            }
            guard place > now else { return .zero }
            if line.places.count >= RequestPacer.placeLimit {
                line.places = line.places.filter { $0.value + RequestPacer.patience > now }
            }
            line.places[delivery] = place
            return place - now
        }
    }
}
