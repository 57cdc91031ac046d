import TimeSource

/// Growing delays between attempts, with jitter, so that the agents of a data centre do not return in step.
struct Backoff {
    private let range: ClosedRange<Duration>
    private let random: any RandomSource
    private var step = 0

    /// Delays within `range`.
    init(range: ClosedRange<Duration>, random: any RandomSource) {
        self.range = range
        self.random = random
    }

    /// The next delay: between half and all of the first one doubled each time, never above the last.
    mutating func next() -> Duration {
        var delay = range.lowerBound
        for _ in 0..<step where delay < range.upperBound { delay *= 2 }
        step = min(step + 1, 32)
        delay = min(delay, range.upperBound)
        return delay / 2 + delay / 2 * Double(random.number(below: 1_000)) / 1_000
    }

    /// After a success.
    mutating func reset() {
        step = 0
    }
}
