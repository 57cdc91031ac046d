import Engine
import Logging
import ServiceLifecycle
import Store
import Synchronization
import Testing
import TimeSource

@Suite("Deliveries") struct DeliveryQueueTests {
    @Test func aDeliveryIsAttemptedRightAfterItsCommitAndThenForgotten() async throws {
        let mail = ScriptedPerformer()
        try await DeliveryStory().life(mail) { life in
            try await life.accept("a")
            #expect(await mail.next() == "a 0")
            try await life.waits(for: [])
        }
    }

    @Test func aFailedAttemptIsRepeatedWhenItsTimeHasCome() async throws {
        let mail = ScriptedPerformer { $0.attempts < 2 ? .outcome(.tryAgain(after: .seconds(5), reason: "later")) : .outcome(.delivered) }
        try await DeliveryStory().life(mail) { life in
            try await life.accept("a")
            #expect(await mail.next() == "a 0")
            try await life.postponed(1)
            for attempt in 1...2 {
                let (next, wait) = await life.whileTimePasses { await mail.next() }
                #expect(next == "a \(attempt)")
                if attempt == 1 { #expect(wait >= .milliseconds(4_900)) }
            }
            try await life.waits(for: [])
        }
    }

    @Test func aRepetitionWithoutDelayFollowsAtOnce() async throws {
        let mail = ScriptedPerformer { $0.attempts == 0 ? .outcome(.tryAgain(after: .zero, reason: "again")) : .outcome(.delivered) }
        try await DeliveryStory().life(mail) { life in
            try await life.accept("a")
            #expect(await mail.next() == "a 0")
            #expect(await mail.next() == "a 1")
            try await life.waits(for: [])
        }
    }

    @Test func postponingDoesNotCountAsAnAttempt() async throws {
        let function = ScriptedPerformer { _ in .outcome(.postponed(for: .seconds(1), reason: "no room")) }
        try await DeliveryStory().life(function) { life in
            try await life.accept("a")
            #expect(await function.next() == "a 0")
            try await life.postponed(1)
            #expect(try await life.waiting() == ["a pending 0"])
        }
    }

    @Test func whatIsGivenUpStaysVisibleWithItsReason() async throws {
        let mail = ScriptedPerformer { _ in .outcome(.failed(reason: "550 no such user")) }
        try await DeliveryStory().life(mail) { life in
            try await life.accept("a", body: [1, 2, 3])
            #expect(await mail.next() == "a 0")
            try await life.waits(for: [])
            let failed = try await life.failed()
            #expect(failed.map(\.reason) == ["550 no such user"])
            #expect(failed.first?.record.body == [1, 2, 3])
            #expect(failed.first?.record.attempts == 1)
        }
    }

    @Test func aSlowKindDoesNotHoldUpAnother() async throws {
        let mail = ScriptedPerformer(concurrency: 1) { _ in .hang }
        let function = ScriptedPerformer(kind: "function", .unrepeatable)
        try await DeliveryStory().life(mail, function) { life in
            try await life.accept("a", "b", "c")
            #expect(await mail.next() == "a 0")
            try await life.accept("d", kind: "function")
            #expect(await function.next() == "d 0")
            try await life.waits(for: ["a pending 0", "b pending 0", "c pending 0"])
        }
    }

    @Test func moreThanMemoryHoldsIsDeliveredAllTheSame() async throws {
        let story = try DeliveryStory()
        let seen = Mutex<[String: Int]>([:])
        let mail = ScriptedPerformer(concurrency: 3) { record in
            seen.withLock { $0[record.id, default: 0] += 1 }
            return .outcome(.delivered)
        }
        try await story.life(mail, capacity: 8) { life in
            let records = (100..<300).map {
                DeliveryRecord(id: "\($0)", account: "000000000000", kind: "mail", createdAt: life.clock.now, body: [])
            }
            try await life.database.apply(records.map { DeliveryStore.add($0) })
            life.queue.offer(records)
            try await life.waits(for: [])
        }
        #expect(seen.withLock { $0.count } == 200)
        #expect(seen.withLock { $0.values.allSatisfy { $0 == 1 } })
    }

    @Test func aServerThatStopsLetsItsAttemptsEnd() async throws {
        let (gate, opening) = AsyncStream<Void>.makeStream()
        let mail = GatedPerformer(gate: gate)
        try await DeliveryStory().life(ScriptedPerformer(kind: "other")) { life in
            let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
            let queue = DeliveryQueue(
                database: life.database, clock: EngineClock(source: life.clock, highWaterMark: .epoch), performers: [mail], logger: logger)
            let server = ServiceGroup(services: [queue], logger: logger)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await server.run() }
                let record = DeliveryRecord(id: "a", account: "000000000000", kind: "mail", createdAt: life.clock.now, body: [])
                try await life.database.apply([DeliveryStore.add(record)])
                queue.offer([record])
                await mail.begun()
                await server.triggerGracefulShutdown()
                opening.finish()
                try await group.waitForAll()
            }
            #expect(try await life.waiting() == [])
        }
    }
}

/// Performs one delivery at a time, when a gate opens.
private struct GatedPerformer: DeliveryPerformer {
    let kind = "mail"
    let effectClass = EffectClass.deduplicated
    let concurrency = 1
    let gate: AsyncStream<Void>
    private let starts: AsyncStream<Void>
    private let started: AsyncStream<Void>.Continuation

    init(gate: AsyncStream<Void>) {
        self.gate = gate
        (starts, started) = AsyncStream.makeStream()
    }

    func begun() async {
        for await _ in starts { return }
    }

    func perform(_ delivery: DeliveryRecord, now: Timestamp) async -> DeliveryOutcome {
        started.yield()
        for await _ in gate {}
        return Task.isCancelled ? .tryAgain(after: .seconds(1), reason: "cut off") : .delivered
    }
}
