/// When a delivery is attempted again, and when it is given up.
///
/// The wait doubles from `firstDelay` up to a bound that grows with the delivery's age: after a short outage the receiver is found again
/// within half a minute, after a long one within a sixteenth of its length, so that thousands that wait do not hammer it.
package struct RetryPolicy: Sendable, Hashable {
    /// When a delivery is given up, counted from its acceptance.
    package var maximumAge: Duration
    /// The wait after the first failure.
    package var firstDelay: Duration
    /// The longest wait.
    package var maximumDelay: Duration

    private static let youngDelay = Duration.seconds(30)

    /// A policy of these bounds.
    package init(maximumAge: Duration, firstDelay: Duration = .seconds(1), maximumDelay: Duration = .seconds(900)) {
        self.maximumAge = maximumAge
        self.firstDelay = firstDelay
        self.maximumDelay = maximumDelay
    }

    /// Mail waits as long as mail servers let it wait: four days (RFC 5321, section 4.5.4.1, asks for at least four to five).
    package static let mail = RetryPolicy(maximumAge: .seconds(4 * 86_400 + 12 * 3_600))

    /// How long to wait after an attempt failed; nil when the delivery is too old to go on.
    /// - Parameters:
    ///   - attempts: failed attempts, the one just made included.
    ///   - age: how long ago the delivery was accepted.
    package func delay(afterAttempts attempts: Int, age: Duration) -> Duration? {
        guard age < maximumAge else { return nil }
        let doubled = firstDelay * (1 << min(max(attempts - 1, 0), 20))
        return min(doubled, max(RetryPolicy.youngDelay, age / 16), maximumDelay)
    }
}
