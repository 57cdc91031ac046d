/// What becomes of local times that a change of the clock leaves out or repeats.
package struct DaylightSavingPolicy: Hashable, Sendable {
    /// What to do with a local time that does not exist, since the clock was put forward over it.
    package enum Gap: Hashable, Sendable {
        /// It is not due on that day.
        case skip
        /// It is due at the moment at which the clock was put forward; several such times are due once.
        case runAtNextValidInstant
    }

    /// What to do with a local time that comes twice, since the clock was put back.
    package enum Overlap: Hashable, Sendable {
        /// It is due the first time only.
        case runOnce
        /// It is due both times.
        case runTwice
    }

    /// What to do in spring.
    package var gap: Gap
    /// What to do in autumn.
    package var overlap: Overlap

    /// A policy for both changes.
    package init(gap: Gap, overlap: Overlap) {
        self.gap = gap
        self.overlap = overlap
    }

    /// What EventBridge Scheduler does ("Schedule types", section on daylight savings time): skips in spring, runs once in autumn.
    package static let scheduler = DaylightSavingPolicy(gap: .skip, overlap: .runOnce)

    /// Every local time is due exactly once, also one that does not exist: what a nightly batch wants.
    package static let exactlyOnce = DaylightSavingPolicy(gap: .runAtNextValidInstant, overlap: .runOnce)
}
