import Engine
import JSONCore
import Logging
import Store
import TestSupport
import Testing
import TimeSource

/// Archives and replays: what is kept, and what comes again across kills.
struct EventArchivesTests {
    private static let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    /// Archives that the router asks.
    @discardableResult
    private static func connect(_ life: EventRouterLife) -> EventArchives {
        let archives = EventArchives(database: life.database, clock: life.story.clock, logger: logger)
        life.router.connect(to: archives)
        return archives
    }

    private static func archive(
        _ life: EventRouterLife, id: Int64 = 1, pattern: String? = #"{"source": ["shop"]}"#, days: Int64 = 0
    ) async throws -> ArchiveRecord {
        let record = ArchiveRecord(
            id: id, account: EventRouterStory.account, name: "a\(id)", bus: "default", description: nil,
            eventPattern: pattern.map { Array($0.utf8) }, retentionDays: days, keyIdentifier: nil, createdAt: life.story.clock.now)
        try await life.database.apply(ArchiveStore.create(record))
        return record
    }

    private static func size(_ life: EventRouterLife, _ name: String = "a1") async throws -> Int64? {
        try await life.database.read { try ArchiveStore.find(name, account: EventRouterStory.account, in: $0)?.size.events }
    }

    private static func replay(
        _ life: EventRouterLife, filters: [String] = [], from: Timestamp = .epoch, until: Timestamp = Timestamp(milliseconds: .max)
    ) async throws {
        let record = ReplayRecord(
            account: EventRouterStory.account, name: "r", id: "1", archive: 1, sourceARN: "arn",
            destinationARN:
                "arn:aws:events:us-east-1:000000000000:event-bus/default", filterARNs: filters, description: nil, eventStart: from,
            eventEnd: until, startedAt: life.story.clock.now)
        try await life.database.apply([ReplayStore.create(record)])
    }

    private static func state(_ life: EventRouterLife) async throws -> ReplayRecord? {
        try await life.database.read { try ReplayStore.find("r", account: EventRouterStory.account, in: $0) }
    }

    /// Runs replays until a condition holds; what was under way then ends as when the server dies.
    private static func run(_ life: EventRouterLife, until condition: () async throws -> Bool) async throws {
        let runner = ReplayRunner(
            database: life.database, router: life.router,
            clock: EngineClock(source: life.story.clock, highWaterMark: .epoch), logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await runner.run() }
            try await eventually(condition)
            group.cancelAll()
        }
    }

    /// The ids of the events that the queue of the rules got, in order.
    private static func sent(_ life: EventRouterLife) -> [String] {
        life.queues.sent.compactMap { (try? JSONParser.parse($0.body))?["id"]?.text }
    }

    // MARK: Archives

    @Test("Events that match are kept and counted; those of replays, of other sources and of other buses are not")
    func keeping() async throws {
        try await EventRouterStory().life { (life: EventRouterLife) in
            Self.connect(life)
            _ = try await Self.archive(life)
            try await life.createBus("other")
            var replayed = life.event("event-2")
            replayed.replayName = "again"
            try await life.router.put([
                life.event(), replayed, life.event("event-3", source: "bank"), life.event("event-4", bus: "other"), life.event("event-5"),
            ])
            #expect(try await Self.size(life) == 2)
        }
    }

    @Test("An archive that is made, changed or deleted counts from its answer on")
    func changes() async throws {
        try await EventRouterStory().life { (life: EventRouterLife) in
            let archives = Self.connect(life)
            try await life.router.put([life.event()])
            var record = try await Self.archive(life)
            archives.changed()
            try await life.router.put([life.event("event-2")])
            #expect(try await Self.size(life) == 1)
            record.version += 1
            record.eventPattern = Array(#"{"source": ["bank"]}"#.utf8)
            try await life.database.apply([ArchiveStore.replace(record)])
            archives.changed()
            try await life.router.put([life.event("event-3")])
            #expect(try await Self.size(life) == 1)
            // Deleted behind the archives' back: events that are put at the same moment leave nothing behind.
            try await life.database.apply(ArchiveStore.delete(record))
            try await life.router.put([life.event("event-4", source: "bank")])
            let rows = try await life.database.read { try $0.rows("SELECT time FROM archived_event WHERE archive = 1") }
            #expect(rows.count == 1)
        }
    }

    @Test("Whether an archive may want an event is known without waiting, and never wrongly no")
    func wants() async throws {
        try await EventRouterStory().life { (life: EventRouterLife) in
            let archives = Self.connect(life)
            #expect(archives.wants(account: EventRouterStory.account, bus: "default", source: "s", detailType: "d"))
            try await life.router.put([life.event()])
            #expect(!archives.wants(account: EventRouterStory.account, bus: "default", source: "s", detailType: "d"))
            _ = try await Self.archive(life)
            archives.changed()
            #expect(archives.wants(account: EventRouterStory.account, bus: "default", source: "s", detailType: "d"))
        }
    }

    @Test("Events go when they are older than the archive keeps them, and with their archive")
    func pruning() async throws {
        try await EventRouterStory().life { (life: EventRouterLife) in
            Self.connect(life)
            let record = try await Self.archive(life, days: 1)
            let clock = EngineClock(source: life.story.clock, highWaterMark: .epoch)
            var old = life.event("late")
            old.time = life.story.clock.now - .seconds(10 * 86_400)
            try await life.router.put([life.event("event-1"), old])
            try await PruningRule.archivedEvents.prune(life.database, clock)
            // An event with an old time that came just now is not old.
            #expect(try await Self.size(life) == 2)
            life.story.clock.advance(by: .seconds(86_400 + 10))
            try await life.router.put([life.event("event-2")])
            try await PruningRule.archivedEvents.prune(life.database, clock)
            #expect(try await Self.size(life) == 1)
            try await life.database.apply(ArchiveStore.delete(record))
            try await PruningRule.archivedEvents.prune(life.database, clock)
            let left = try await life.database.read { transaction in
                try transaction.rows("SELECT time FROM archived_event").count
                    + (try ArchivedEventStore.removals(in: transaction).count)
            }
            #expect(left == 0)
        }
    }

    // MARK: Replays

    /// Puts so many events a minute apart, the last one now, in any order.
    private static func fill(_ life: EventRouterLife, _ count: Int) async throws {
        let events = (0..<count).map { index in
            var event = life.event("event-\(1_000 + index)")
            event.time = life.story.clock.now - .seconds(60 * (count - 1 - index))
            return event
        }
        try await life.router.put(events.reversed())
    }

    @Test("A replay puts the events of its window in the order of their times, to the rules it names")
    func window() async throws {
        try await EventRouterStory().life { (life: EventRouterLife) in
            Self.connect(life)
            _ = try await Self.archive(life)
            try await Self.fill(life, 5)
            let rule = try await life.putRule("orders", #"{"source": ["shop"]}"#)
            try await life.putRule("others", #"{"source": ["shop"]}"#, targets: [("machine", EventRouterStory.machineARN, [:])])
            let now = life.story.clock.now
            try await Self.replay(
                life, filters: [rule.arn(region: "us-east-1")], from: now - .seconds(180), until: now - .seconds(60))
            try await Self.run(life) { try await Self.state(life)?.endedAt != nil }
            #expect(Self.sent(life) == ["event-1001", "event-1002", "event-1003"])
            let value = try JSONParser.parse(try #require(life.queues.sent.first?.body))
            #expect(value["replay-name"] == "r")
            #expect(try await life.waiting().isEmpty)
            let record = try #require(try await Self.state(life))
            #expect(record.state == .completed)
            #expect(record.cursor?.time == now - .seconds(60))
            #expect(try await Self.size(life) == 5)
        }
    }

    @Test("A replay that dies between two pages goes on behind the last one", arguments: [true, false])
    func kill(isApplied: Bool) async throws {
        let story = try EventRouterStory()
        try await story.life { (life: EventRouterLife) in
            Self.connect(life)
            _ = try await Self.archive(life)
            try await Self.fill(life, 250)
            try await life.putRule("orders", #"{"source": ["shop"]}"#, targets: [("machine", EventRouterStory.machineARN, [:])])
            try await Self.replay(life)
            // The batches of a replay: one a page.
            life.database.failOnce(isApplied ? .crashAfter : .crashBefore, atBatch: 2)
            try await Self.run(life) {
                // Reading takes its time, which the pages need.
                _ = try? await Self.state(life)
                return life.database.isCut
            }
        }
        // The story draws the same ids in each life; those of another time differ.
        story.clock.advance(by: .seconds(1))
        try await story.life { (life: EventRouterLife) in
            Self.connect(life)
            let before = try await life.waiting().count
            #expect(before == (isApplied ? 200 : 100))
            try await Self.run(life) { try await Self.state(life)?.endedAt != nil }
            #expect(try await Self.state(life)?.state == .completed)
            let ids = try await life.waiting().compactMap { RuleTargetDelivery(encoded: $0.body)?.eventID }
            #expect(ids.count == 250)
            #expect(Set(ids).count == 250)
        }
    }

    @Test("A cancelled replay ends; so does one whose archive or bus is gone")
    func ends() async throws {
        try await EventRouterStory().life { (life: EventRouterLife) in
            Self.connect(life)
            let archive = try await Self.archive(life)
            try await Self.fill(life, 3)
            try await Self.replay(life)
            let record = try #require(try await Self.state(life))
            try await life.database.apply([ReplayStore.move(record, to: .cancelling, reason: nil, endedAt: nil)])
            try await Self.run(life) { try await Self.state(life)?.endedAt != nil }
            #expect(try await Self.state(life)?.state == .cancelled)
            try await life.database.apply([ReplayStore.prune(before: Timestamp(milliseconds: .max), limit: 9)])
            try await life.database.apply(ArchiveStore.delete(archive))
            try await Self.replay(life)
            try await Self.run(life) { try await Self.state(life)?.endedAt != nil }
            #expect(try await Self.state(life)?.state == .failed)
            #expect(Self.sent(life).isEmpty)
        }
    }
}
