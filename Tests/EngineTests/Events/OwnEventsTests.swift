import Engine
import JSONCore
import Logging
import Store
import Synchronization
import TestSupport
import Testing
import TimeSource

/// Events of the server itself: written with the change that they tell of, put on their bus once.
struct OwnEventsTests {
    private static let quick = #"{"StartAt":"A","States":{"A":{"Type":"Pass","Result":{"ok":true},"End":true}}}"#
    private static let waiting = #"{"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":600,"End":true}}}"#
    private static let failing = #"{"StartAt":"A","States":{"A":{"Type":"Fail","Error":"Broken","Cause":"by the test"}}}"#

    /// Events that somebody wants or nobody does.
    private static func ownEvents(_ clock: ManualClock, wanted: Bool = true) -> OwnEvents {
        let events = OwnEvents(
            clock: EngineClock(source: clock, highWaterMark: .epoch),
            identifiers: IdentifierSource(clock: clock, random: SeededRandomSource(seed: 3)), region: "us-east-1")
        events.connect(interest: { _, _ in wanted }, offer: { _ in })
        return events
    }

    /// The events in the delivery table, as their `detail`, in the order in which they were written.
    private static func written(_ database: any Database) async throws -> [JSONValue] {
        try await database.read { transaction in
            try transaction.rows("SELECT body FROM delivery WHERE kind = ? ORDER BY id", [.text(BusEventPerformer.kind)])
                .compactMap { BusEvent(stored: try $0.blob(0))?.detail }
        }
    }

    @Test("An execution's start and end are written with it, though no bus is there to take them")
    func startAndEnd() async throws {
        let story = try EngineStory()
        try await story.life(ownEvents: Self.ownEvents(story.clock)) { life in
            try await life.start(try await life.machine(Self.quick), name: "x", input: #"{"a":1}"#)
            let details = try await Self.written(life.database)
            #expect(details.compactMap { $0["status"]?.text } == ["RUNNING", "SUCCEEDED"])
            #expect(details.last?["output"] == #"{"ok":true}"#)
            #expect(details.map { $0["input"] } == [#"{"a":1}"#, #"{"a":1}"#])
            #expect(details.first?["stopDate"] == .null)
            #expect(details.last?["stopDate"] == .integer(story.clock.now.milliseconds))
        }
    }

    @Test("When nobody wants events none is written")
    func unwanted() async throws {
        let story = try EngineStory()
        try await story.life(ownEvents: Self.ownEvents(story.clock, wanted: false)) { life in
            try await life.start(try await life.machine(Self.quick), name: "x")
            #expect(try await Self.written(life.database).isEmpty)
        }
    }

    @Test("A crash leaves the event of what is durable, and none of what is not", arguments: [true, false])
    func crash(isApplied: Bool) async throws {
        let story = try EngineStory()
        try await story.life(ownEvents: Self.ownEvents(story.clock)) { life in
            let machine = try await life.machine(Self.waiting)
            try await life.start(machine, name: "x")
            life.database.failOnce(isApplied ? .crashAfter : .crashBefore, on: "UPDATE execution ")
            let id = try #require(try await life.record("x")?.id)
            _ = try? await life.engine.stopExecution(id, error: "Stopped", cause: nil)
        }
        try await story.life(ownEvents: Self.ownEvents(story.clock)) { life in
            let statuses = try await Self.written(life.database).compactMap { $0["status"]?.text }
            #expect(statuses == (isApplied ? ["RUNNING", "ABORTED"] : ["RUNNING"]))
            #expect(try await life.record("x")?.status == (isApplied ? .aborted : .running))
        }
    }

    @Test("A redrive tells that the execution runs again")
    func redrive() async throws {
        let story = try EngineStory()
        try await story.life(ownEvents: Self.ownEvents(story.clock)) { life in
            try await life.start(try await life.machine(Self.failing), name: "x")
            let id = try #require(try await life.record("x")?.id)
            story.clock.advance(by: .seconds(1))
            _ = try await life.engine.redriveExecution(id, token: "t")
            _ = try await life.end(of: "x")
            let details = try await Self.written(life.database)
            #expect(details.compactMap { $0["status"]?.text } == ["RUNNING", "FAILED", "RUNNING", "FAILED"])
            #expect(details.compactMap { $0["redriveCount"]?.integer } == [0, 0, 1, 1])
            #expect(details[1]["error"] == "Broken")
            #expect(details[1]["redriveStatus"] == "REDRIVABLE")
            #expect(details[2]["error"] == .null)
        }
    }

    // MARK: On the bus

    private static func delivery(_ event: BusEvent) -> DeliveryRecord {
        DeliveryRecord(id: "d", account: event.account, kind: BusEventPerformer.kind, createdAt: event.time, body: event.stored)
    }

    private static func performer(_ life: EventRouterLife) -> BusEventPerformer {
        let performer = BusEventPerformer()
        performer.connect { [router = life.router] event, statements in try await router.put([event], with: statements) }
        return performer
    }

    @Test("The event is routed in the transaction that ends its delivery")
    func performing() async throws {
        try await EventRouterStory().life { (life: EventRouterLife) in
            try await life.putRule("orders", #"{"source": ["shop"]}"#)
            let delivery = Self.delivery(life.event())
            try await life.database.apply([DeliveryStore.add(delivery)])
            #expect(await Self.performer(life).perform(delivery, now: .epoch) == .settled)
            #expect(life.queues.sent.count == 1)
            #expect(try await life.waiting().isEmpty)
        }
    }

    @Test("An event that was routed is not routed again when the answer was lost or the server died")
    func lostAnswer() async throws {
        try await EventRouterStory().life { (life: EventRouterLife) in
            try await life.putRule("orders", #"{"source": ["shop"]}"#, targets: [("machine", EventRouterStory.machineARN, [:])])
            let delivery = Self.delivery(life.event())
            try await life.database.apply([DeliveryStore.add(delivery)])
            life.database.failOnce(.after, on: "DELETE FROM delivery")
            guard case .tryAgain = await Self.performer(life).perform(delivery, now: .epoch) else {
                Issue.record("a lost answer is no success")
                return
            }
            // The row is gone, so the bus takes nothing a second time.
            guard case .tryAgain = await Self.performer(life).perform(delivery, now: .epoch) else {
                Issue.record("a delivery that is gone is no success")
                return
            }
            #expect(try await life.waiting().map(\.kind) == [RuleTargetDelivery.kind])
        }
    }

    @Test("An event that nothing wants any more ends all the same")
    func unwantedMeanwhile() async throws {
        try await EventRouterStory().life { (life: EventRouterLife) in
            let delivery = Self.delivery(life.event())
            try await life.database.apply([DeliveryStore.add(delivery)])
            #expect(await Self.performer(life).perform(delivery, now: .epoch) == .settled)
            #expect(try await life.waiting().isEmpty)
        }
    }

    @Test("What is stored of an event is all of it")
    func storing() throws {
        let event = BusEvent(
            id: "i", account: "1", bus: "b", source: "s", detailType: "d", time: Timestamp(milliseconds: 1_795_212_000_000),
            resources: ["r"], detail: ["a": ["b": 1]], traceHeader: "Root=1", region: "eu-west-1", replayName: "again")
        #expect(BusEvent(stored: event.stored) == event)
        #expect(BusEvent(stored: Array("{}".utf8)) == nil)
    }
}
