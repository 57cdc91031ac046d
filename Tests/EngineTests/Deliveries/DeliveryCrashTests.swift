import Engine
import Store
import Synchronization
import Testing
import TimeSource

@Suite("Deliveries and crashes") struct DeliveryCrashTests {
    @Test func aMailWhoseAttemptWasCutOffIsSentAgainUnderTheSameID() async throws {
        let story = try DeliveryStory()
        let cutOff = ScriptedPerformer { _ in .hang }
        try await story.life(cutOff) { life in
            try await life.accept("a")
            #expect(await cutOff.next() == "a 0")
        }
        let mail = ScriptedPerformer()
        try await story.life(mail) { life in
            #expect(await mail.next() == "a 0")
            try await life.waits(for: [])
        }
    }

    @Test func aCommittedDeliveryThatNobodyHeardOfIsDelivered() async throws {
        let story = try DeliveryStory()
        try await story.life(ScriptedPerformer(kind: "other")) { life in
            try await life.database.apply([
                DeliveryStore.add(DeliveryRecord(id: "a", account: "000000000000", kind: "mail", createdAt: life.clock.now, body: []))
            ])
        }
        let mail = ScriptedPerformer()
        try await story.life(mail) { life in
            #expect(await mail.next() == "a 0")
            try await life.waits(for: [])
        }
    }

    @Test func aWebhookIsMarkedAsStartedBeforeItIsSent() async throws {
        let webhook = ScriptedPerformer(kind: "webhook", .unrepeatable) { _ in .hang }
        try await DeliveryStory().life(webhook) { life in
            try await life.accept("a", kind: "webhook")
            #expect(await webhook.next() == "a 0")
            #expect(try await life.waiting() == ["a started 0"])
        }
    }

    @Test func aWebhookThatWasCutOffCountsAsAFailedAttemptAndFollowsItsPolicy() async throws {
        let story = try DeliveryStory()
        let cutOff = ScriptedPerformer(kind: "webhook", .unrepeatable) { _ in .hang }
        try await story.life(cutOff) { life in
            try await life.accept("a", kind: "webhook")
            #expect(await cutOff.next() == "a 0")
        }
        let webhook = ScriptedPerformer(
            kind: "webhook", .unrepeatable, unknown: .tryAgain(after: .seconds(20), reason: "not known"))
        try await story.life(webhook) { life in
            try await life.postponed(1)
            #expect(try await life.waiting() == ["a pending 1"])
            let (next, wait) = await life.whileTimePasses { await webhook.next() }
            #expect(next == "a 1")
            #expect(wait >= .milliseconds(19_900))
            try await life.waits(for: [])
        }
    }

    @Test func aWebhookWithoutRetriesIsNeverSentAgain() async throws {
        let story = try DeliveryStory()
        let cutOff = ScriptedPerformer(kind: "webhook", .unrepeatable) { _ in .hang }
        try await story.life(cutOff) { life in
            try await life.accept("a", kind: "webhook")
            #expect(await cutOff.next() == "a 0")
        }
        let sent = Mutex(0)
        let webhook = ScriptedPerformer(kind: "webhook", .unrepeatable, unknown: .failed(reason: "not known")) { _ in
            sent.withLock { $0 += 1 }
            return .outcome(.delivered)
        }
        try await story.life(webhook) { life in
            try await life.waits(for: [])
            #expect(try await life.failed().map(\.reason) == ["not known"])
        }
        #expect(sent.withLock { $0 } == 0)
    }

    @Test func aDueTimeSurvivesTheRestart() async throws {
        let story = try DeliveryStory()
        let refused = ScriptedPerformer { _ in .outcome(.tryAgain(after: .seconds(30), reason: "later")) }
        try await story.life(refused) { life in
            try await life.accept("a")
            #expect(await refused.next() == "a 0")
            try await life.postponed(1)
        }
        let mail = ScriptedPerformer()
        try await story.life(mail) { life in
            #expect(try await life.waiting() == ["a pending 1"])
            let (next, wait) = await life.whileTimePasses { await mail.next() }
            #expect(next == "a 1")
            #expect(wait >= .milliseconds(29_900))
            try await life.waits(for: [])
        }
    }

    /// Each life delivers a few mails, leaves some hanging and fails others; whatever happens, each one arrives in the end.
    @Test(arguments: [UInt64(1), 2, 3]) func tenRestartsLoseNothing(seed: UInt64) async throws {
        let story = try DeliveryStory()
        let arrived = Mutex<Set<String>>([])
        let random = SeededRandomSource(seed: seed)
        for life in 0..<10 {
            let mail = ScriptedPerformer(concurrency: 5) { record in
                switch random.number(below: 4) {
                case 0: return .hang
                case 1: return .outcome(.tryAgain(after: .seconds(1), reason: "later"))
                default:
                    arrived.withLock { _ = $0.insert(record.id) }
                    return .outcome(.delivered)
                }
            }
            try await story.life(mail) { server in
                for number in 0..<10 { try await server.accept("\(life)-\(number)") }
                // Dies after a few attempts, wherever the others are.
                for _ in 0...random.number(below: 4) { _ = await mail.next() }
                server.clock.advance(by: .seconds(2))
            }
        }
        let mail = ScriptedPerformer { record in
            arrived.withLock { _ = $0.insert(record.id) }
            return .outcome(.delivered)
        }
        story.source.advance(by: .seconds(60))
        try await story.life(mail) { try await $0.waits(for: []) }
        #expect(arrived.withLock { $0.count } == 100)
    }
}
