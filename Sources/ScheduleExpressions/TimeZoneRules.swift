package import TimeSource

/// How far the clocks of one time zone stand from UTC, at all times.
package struct TimeZoneRules: Sendable {
    /// A stretch of time in which the zone's clock runs evenly.
    package struct Period: Hashable, Sendable {
        /// Its first instant; nil when it reaches back without end.
        package var start: Timestamp?
        /// The first instant of the next one; nil when it lasts for ever.
        package var end: Timestamp?
        /// How far the clock is ahead of UTC, in milliseconds.
        package var offsetMilliseconds: Int64
        /// How far it was ahead of UTC just before `start`.
        package var previousOffsetMilliseconds: Int64
    }

    /// Coordinated Universal Time.
    package static let utc = TimeZoneRules(initialOffset: 0, changes: [], tail: nil)

    /// Seconds ahead of UTC before the first change.
    private let initialOffset: Int
    /// The changes of the offset, in order; neighbours have different offsets.
    private let changes: [OffsetChange]
    /// The rule for the time after the last change.
    private let tail: PosixTimeZone?

    /// Rules from a table and the rule that continues it. Changes that change nothing (of the zone's abbreviation alone) are dropped.
    init(initialOffset: Int, changes: [OffsetChange], tail: PosixTimeZone?) {
        self.initialOffset = initialOffset
        self.tail = tail
        var kept: [OffsetChange] = []
        for change in changes where change.offset != kept.last?.offset ?? initialOffset { kept.append(change) }
        self.changes = kept
    }

    /// The period that `instant` lies in.
    package func period(at instant: Timestamp) -> Period {
        let second = instant.seconds
        let index = indexOfFirstChange(after: second)
        let previous = index > 0 ? changes[index - 1] : nil
        let before = index > 1 ? changes[index - 2].offset : initialOffset
        let offset = previous?.offset ?? initialOffset
        if index < changes.count {
            return Self.period(from: previous?.at, to: changes[index].at, offset: offset, before: before)
        }
        guard let tail else { return Self.period(from: previous?.at, to: nil, offset: offset, before: before) }

        // Past the table the rule decides. The table's last period may reach into the rule's time, or be ended by it.
        let around = tail.changes(around: second)
        let tableEnd = previous?.at ?? .min
        let last = around.last { $0.at <= second && $0.at > tableEnd }
        let next = around.first { $0.at > second && $0.at > tableEnd }
        guard let last else {
            return Self.period(
                from: previous?.at, to: next?.at, offset: previous == nil ? tail.standardOffset : offset, before: before)
        }
        let earlier = around.last { $0.at < last.at && $0.at > tableEnd }
        return Self.period(from: last.at, to: next?.at, offset: last.offset, before: earlier?.offset ?? offset)
    }

    /// What the zone's clock shows at `instant`.
    package func local(at instant: Timestamp) -> CivilDateTime {
        CivilDateTime(Timestamp(milliseconds: instant.milliseconds + period(at: instant).offsetMilliseconds))
    }

    /// The instant at which the zone's clock shows `local`: the first of two, and where there is none, since the clock was put forward
    /// over it, the moment at which that was done.
    package func instant(of local: CivilDateTime) -> Timestamp {
        let shown = local.timestampInUTC.milliseconds
        var from = Timestamp(milliseconds: shown - 26 * 3_600_000)
        while true {
            let period = period(at: from)
            let candidate = Timestamp(milliseconds: shown - period.offsetMilliseconds)
            // Already shown at the start of the period: it fell into the gap before it.
            if let start = period.start, candidate < start { return start }
            guard let end = period.end, candidate >= end else { return candidate }
            from = end
        }
    }

    private func indexOfFirstChange(after second: Int64) -> Int {
        var (low, high) = (0, changes.count)
        while low < high {
            let middle = (low + high) / 2
            if changes[middle].at <= second { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private static func period(from start: Int64?, to end: Int64?, offset: Int, before: Int) -> Period {
        Period(
            start: start.map { Timestamp(seconds: $0) }, end: end.map { Timestamp(seconds: $0) },
            offsetMilliseconds: Int64(offset) * 1_000, previousOffsetMilliseconds: Int64(before) * 1_000)
    }
}

/// A moment at which a zone's clock is put forward or back.
struct OffsetChange: Hashable, Sendable {
    /// Seconds since 1970.
    var at: Int64
    /// Seconds ahead of UTC from then on.
    var offset: Int
}
