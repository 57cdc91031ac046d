package import TimeSource

/// A replay: events of an archive on their way to their bus once more.
package struct ReplayRecord: Sendable, Hashable {
    /// AWS's `ReplayState`.
    package enum State: String, Sendable, Hashable, CaseIterable {
        case starting = "STARTING"
        case running = "RUNNING"
        case cancelling = "CANCELLING"
        case completed = "COMPLETED"
        case cancelled = "CANCELLED"
        case failed = "FAILED"
    }

    /// The account.
    package let account: String
    /// The name, unique in the account.
    package let name: String
    /// Our own name for it: a replay made again under the same name is another one.
    package let id: String
    /// The archive's number.
    package let archive: Int64
    /// The archive's ARN, as the caller gave it.
    package let sourceARN: String
    /// The bus that the events go to.
    package let destinationARN: String
    /// The rules that see them; empty for all rules of the bus.
    package let filterARNs: [String]
    /// What it is for.
    package let description: String?
    /// Where it stands.
    package var state: State
    /// Why it failed or was cancelled.
    package var stateReason: String?
    /// The earliest time of events that are replayed.
    package let eventStart: Timestamp
    /// The latest.
    package let eventEnd: Timestamp
    /// The event that was replayed last; nil before the first.
    package var cursor: ArchivedEventStore.Position?
    /// When it was asked for, by the wall clock.
    package let startedAt: Timestamp
    /// When it ended, by the wall clock.
    package var endedAt: Timestamp?

    /// A replay of these facts.
    package init(
        account: String, name: String, id: String, archive: Int64, sourceARN: String, destinationARN: String, filterARNs: [String],
        description: String?, state: State = .starting, stateReason: String? = nil, eventStart: Timestamp, eventEnd: Timestamp,
        cursor: ArchivedEventStore.Position? = nil, startedAt: Timestamp, endedAt: Timestamp? = nil
    ) {
        self.account = account
        self.name = name
        self.id = id
        self.archive = archive
        self.sourceARN = sourceARN
        self.destinationARN = destinationARN
        self.filterARNs = filterARNs
        self.description = description
        self.state = state
        self.stateReason = stateReason
        self.eventStart = eventStart
        self.eventEnd = eventEnd
        self.cursor = cursor
        self.startedAt = startedAt
        self.endedAt = endedAt
    }
}
