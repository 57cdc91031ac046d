import Synchronization
import TimeSource

/// Slows down who tries activations: so many failures an address may have in a row, then one every few seconds.
///
/// Success costs nothing, so a thousand hosts behind one address enrol in one go.
final class RegistrationLimiter: Sendable {
    private struct Bucket {
        var failures: Double
        var at: MonotonicInstant
    }

    private static let burst = 10.0
    private static let perSecond = 0.2
    /// Beyond that many addresses the calm ones are forgotten.
    private static let mostAddresses = 10_000

    private let clock: any ClockSource
    private let buckets = Mutex<[String: Bucket]>([:])

    init(clock: any ClockSource) {
        self.clock = clock
    }

    /// Whether an address may try now.
    func allows(_ address: String) -> Bool {
        let now = clock.monotonic
        return buckets.withLock { buckets in
            buckets[address].map { RegistrationLimiter.failures($0, now) < RegistrationLimiter.burst } ?? true
        }
    }

    /// An address has failed.
    func noteFailure(_ address: String) {
        let now = clock.monotonic
        buckets.withLock { buckets in
            let failures = buckets[address].map { RegistrationLimiter.failures($0, now) } ?? 0
            if buckets.count >= RegistrationLimiter.mostAddresses {
                buckets = buckets.filter { RegistrationLimiter.failures($0.value, now) >= 1 }
            }
            buckets[address] = Bucket(failures: failures + 1, at: now)
        }
    }

    private static func failures(_ bucket: Bucket, _ now: MonotonicInstant) -> Double {
        let seconds = Double((now - bucket.at).wholeMilliseconds) / 1_000
        return max(0, bucket.failures - seconds * perSecond)
    }
}
