import APIModels
import Engine
import Integrations
import JSONCore
import Logging
import Store
import TestSupport
import Testing
import TimeSource

/// Deliveries whose target lies in this database: they end in the transaction that hands the event over.
struct RuleTargetPerformerBusTests {
    private static func performer(_ life: EventRouterLife) -> RuleTargetPerformer {
        let random = SeededRandomSource(seed: 1)
        let performer = RuleTargetPerformer(
            catalogue: ModelCatalogue(), clock: life.story.clock, identifiers: IdentifierSource(clock: life.story.clock, random: random),
            random: random, region: "us-east-1", endpoint: "http://127.0.0.1:7070",
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        performer.connect(queues: life.queues, router: life.router)
        return performer
    }

    private static func record(_ target: String, input: String, isForwarded: Bool = false) -> DeliveryRecord {
        let delivery = RuleTargetDelivery(
            ruleARN: "arn:aws:events:us-east-1:000000000000:rule/r", targetID: "t", eventID: "e", targetARN: target, input: input,
            messageGroupID: "group", isForwarded: isForwarded)
        return DeliveryRecord(
            id: "delivery-1", account: EventRouterStory.account, kind: RuleTargetDelivery.kind, createdAt: .epoch, body: delivery.encoded)
    }

    @Test("A message for a queue is sent once, however often the delivery is attempted")
    func queue() async throws {
        try await EventRouterStory().life { (life: EventRouterLife) in
            let record = Self.record(EventRouterStory.queueARN, input: "hello")
            try await life.database.apply([DeliveryStore.add(record)])
            let performer = Self.performer(life)
            for _ in 0..<2 { #expect(await performer.perform(record, now: .epoch) == .settled) }
            #expect(life.queues.sent.map(\.body) == ["hello"])
            #expect(life.queues.sent.first?.groupID == "group")
            #expect(try await life.waiting().isEmpty)
        }
    }

    @Test("An event goes to another bus once; not from a third, and not to one that is absent")
    func bus() async throws {
        try await EventRouterStory().life { (life: EventRouterLife) in
            let arn = { (name: String) in "arn:aws:events:us-east-1:000000000000:event-bus/\(name)" }
            try await life.createBus("second")
            try await life.putRule("keep", #"{"source": ["shop"]}"#, bus: "second")
            let performer = Self.performer(life)
            let input = JSONWriter.text(of: life.event().value)
            let record = Self.record(arn("second"), input: input)
            try await life.database.apply([DeliveryStore.add(record)])
            for _ in 0..<2 { #expect(await performer.perform(record, now: .epoch) == .settled) }
            #expect(life.queues.sent.map(\.body) == [input])
            for (record, code) in [
                (Self.record(arn("second"), input: input, isForwarded: true), "THIRD_ACCOUNT_HOP_DETECTED"),
                (Self.record(arn("absent"), input: input), "NO_RESOURCE"),
            ] {
                guard case .failed(let reason) = await performer.perform(record, now: .epoch) else {
                    Issue.record("\(code) was delivered")
                    return
                }
                #expect(reason.hasPrefix(code))
            }
        }
    }
}
