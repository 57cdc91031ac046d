/// How many batches of a mapping run side by side: five at first as on AWS, more while there is work, half when the function is
/// throttled.
package struct BatchConcurrency: Sendable, Hashable {
    private static let first = 5

    /// How many may run now.
    package private(set) var limit: Int
    /// How many run.
    package private(set) var running = 0
    private var ceiling: Int

    /// A window that never grows beyond `ceiling`.
    package init(ceiling: Int) {
        self.ceiling = max(1, ceiling)
        limit = min(BatchConcurrency.first, self.ceiling)
    }

    /// Whether another batch may run.
    package var hasRoom: Bool { running < limit }

    /// A batch begins.
    package mutating func begin() {
        running += 1
    }

    /// A batch ended. One that went through while the window was full widens it.
    package mutating func end(wasThrottled: Bool) {
        if !wasThrottled, running >= limit { limit = min(ceiling, limit + 1) }
        running -= 1
    }

    /// The function could not be started.
    package mutating func throttle() {
        limit = max(1, limit / 2)
    }

    /// Another most.
    package mutating func setCeiling(_ ceiling: Int) {
        self.ceiling = max(1, ceiling)
        limit = min(limit, self.ceiling)
    }
}
