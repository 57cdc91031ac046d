import Engine
import JSONCore
import Store
import Synchronization
import TestSupport
import Testing
import TimeSource

/// What becomes of events on buses: which targets get them, and what survives which failure.
struct EventRouterTests {
    private static let deadLetters = QueueName(account: EventRouterStory.account, name: "dead")
    private static let deadLetterConfig: JSONValue = ["Arn": .text(deadLetters.arn(region: "us-east-1"))]

    @Test("An event goes whole into the queue of a rule that wants it; others cost no write")
    func queueTarget() async throws {
        try await EventRouterStory().life { life in
            try await life.putRule("orders", #"{"source": ["shop"], "detail": {"order": [1]}}"#)
            var event = life.event()
            event.traceHeader = "Root=1-5759e988-bd862e3fe1be46a994272793"
            try await life.router.put([event, life.event("event-2", source: "bank"), life.event("event-3", ["order": 2])])
            let message = try #require(life.queues.sent.first)
            #expect(life.queues.sent.count == 1)
            #expect(message.queue == EventRouterStory.queue)
            #expect(message.traceHeader == event.traceHeader)
            #expect(
                message.body == """
                    {"version":"0","id":"event-1","detail-type":"Order Placed","source":"shop","account":"000000000000",\
                    "time":"2026-11-20T22:00:00Z","region":"us-east-1","resources":["arn:order"],"detail":{"order":1}}
                    """)
            #expect(try await life.waiting().isEmpty)
        }
    }

    @Test("Other targets get deliveries, in the same transaction as the messages")
    func otherTargets() async throws {
        try await EventRouterStory().life { life in
            let function = "arn:aws:lambda:us-east-1:000000000000:function:f"
            let destination = "arn:aws:events:us-east-1:000000000000:api-destination/crm/1"
            try await life.putRule(
                "orders", #"{"source": ["shop"]}"#,
                targets: [
                    ("machine", EventRouterStory.machineARN, ["InputPath": "$.detail", "RoleArn": "arn:aws:iam::0:role/r"]),
                    ("function", function, ["Input": #"{"a":1}"#]),
                    ("destination", destination, ["HttpParameters": ["HeaderParameters": ["x": "y"]]]),
                    ("queue", EventRouterStory.queueARN, [:]),
                ])
            try await life.router.put([life.event()])
            let waiting = try await life.waiting()
            #expect(waiting.map(\.kind) == ["api-destination", "function", "rule-target"])
            let machine = try #require(RuleTargetDelivery(encoded: waiting[2].body))
            #expect(machine.targetARN == EventRouterStory.machineARN)
            #expect(machine.input == #"{"order":1}"#)
            #expect(machine.eventID == "event-1")
            #expect(machine.ruleARN == "arn:aws:events:us-east-1:000000000000:rule/orders")
            #expect(FunctionDelivery(encoded: waiting[1].body)?.payload == Array(#"{"a":1}"#.utf8))
            #expect(RuleTargetDelivery(encoded: waiting[0].body)?.httpParameters == ["HeaderParameters": ["x": "y"]])
            #expect(life.queues.sent.count == 1)
        }
    }

    @Test("What was accepted is delivered by the next server when this one dies before it delivers")
    func restart() async throws {
        let story = try EventRouterStory()
        try await story.life { life in
            try await life.putRule("orders", #"{"source": ["shop"]}"#, targets: [("machine", EventRouterStory.machineARN, [:])])
            try await life.router.put([life.event()])
        }
        #expect(story.arrived.withLock { $0.isEmpty })
        try await story.life { life in
            try await life.deliver { try await life.waiting().isEmpty }
        }
        #expect(story.arrived.withLock { $0.count } == 1)
    }

    @Test("Nothing of an event is there when its transaction fails")
    func failedTransaction() async throws {
        try await EventRouterStory().life { life in
            try await life.putRule(
                "orders", #"{"source": ["shop"]}"#,
                targets: [("machine", EventRouterStory.machineARN, [:]), ("queue", EventRouterStory.queueARN, [:])])
            let guarded = Statement("DELETE FROM delivery WHERE id = ?", [.text("absent")], expecting: .changes(1))
            await #expect(throws: StoreError.self) { try await life.router.put([life.event()], with: [guarded]) }
            #expect(life.queues.sent.isEmpty)
            #expect(try await life.waiting().isEmpty)
        }
    }

    @Test("Changes of rules count from the answer on: new, disabled, deleted, other targets")
    func changes() async throws {
        try await EventRouterStory().life { life in
            try await life.router.put([life.event("event-0")])
            var rule = try await life.putRule("orders", #"{"source": ["shop"]}"#)
            try await life.router.put([life.event("event-1")])
            rule.state = .disabled
            try await life.database.apply([RuleStore.replace(rule)])
            life.router.changed(bus: "default", account: EventRouterStory.account)
            try await life.router.put([life.event("event-2")])
            #expect(life.queues.sent.count == 1)
            try await life.putRule("others", #"{"source": ["shop"]}"#)
            try await life.router.put([life.event("event-3")])
            #expect(life.queues.sent.count == 2)
        }
    }

    @Test("Of many events that come after a change, all see it")
    func manyAfterAChange() async throws {
        try await EventRouterStory().life { (life: EventRouterLife) in
            for round in 1...5 {
                try await life.putRule("rule-\(round)", #"{"source": ["shop"]}"#)
                let before = life.queues.sent.count
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<20 { group.addTask { try await life.router.put([life.event("\(round)-\(number)")]) } }
                    try await group.waitForAll()
                }
                #expect(life.queues.sent.count - before == 20 * round)
            }
        }
    }

    @Test("Whether the default bus may want an event is told from its source and type")
    func wants() async throws {
        try await EventRouterStory().life { (life: EventRouterLife) in
            let wants = { (source: String, type: String) in
                life.router.wants(account: EventRouterStory.account, source: source, detailType: type)
            }
            #expect(wants("aws.states", "x"), "nothing is known before the rules are read")
            try await life.router.put([life.event()])
            #expect(!wants("aws.states", "x"))
            try await life.putRule("states", #"{"source": ["aws.states"], "detail": {"status": ["FAILED"]}}"#)
            try await life.putRule("kinds", #"{"$or": [{"detail-type": ["a"]}, {"detail-type": [{"prefix": "b"}]}]}"#)
            try await life.router.put([life.event()])
            #expect(wants("aws.states", "x"))
            #expect(wants("z", "a"))
            #expect(wants("z", "bb"))
            #expect(!wants("z", "x"))
        }
    }

    @Test("An event goes on to another bus once, and keeps its id")
    func anotherBus() async throws {
        try await EventRouterStory().life { (life: EventRouterLife) in
            let arn = { (name: String) in "arn:aws:events:us-east-1:000000000000:event-bus/\(name)" }
            try await life.createBus("second")
            try await life.createBus("third")
            try await life.putRule("on", #"{"source": ["shop"]}"#, targets: [("bus", arn("second"), [:])])
            try await life.putRule("keep", #"{"source": ["shop"]}"#, bus: "second")
            try await life.putRule("on", #"{"source": ["shop"]}"#, bus: "second", targets: [("bus", arn("third"), [:])])
            try await life.putRule("keep", #"{"source": ["shop"]}"#, bus: "third")
            try await life.router.put([life.event()])
            #expect(life.queues.sent.count == 1)
            #expect(life.queues.sent.first?.body.contains(#""id":"event-1""#) == true)
            let hop = try #require(RuleTargetDelivery(encoded: try await life.waiting()[0].body))
            #expect(hop.isForwarded)
            #expect(hop.targetARN == arn("third"))
        }
    }

    @Test("An event for a bus that does not exist is dropped; one that a rule sends there fails")
    func absentBus() async throws {
        try await EventRouterStory().life { life in
            try await life.router.put([life.event(bus: "absent")])
            #expect(try await life.waiting().isEmpty)
            try await life.putRule(
                "on", #"{"source": ["shop"]}"#, targets: [("bus", "arn:aws:events:us-east-1:000000000000:event-bus/absent", [:])])
            try await life.router.put([life.event()])
            #expect(try await life.waiting().map(\.kind) == [RuleTargetDelivery.kind])
        }
    }

    @Test(
        "A queue that is not there or does not take a message does not keep the event from other targets",
        arguments: [nil, QueueError.missingGroupID(QueueName(account: EventRouterStory.account, name: "other"))])
    func refusingQueue(_ refusal: QueueError?) async throws {
        try await EventRouterStory().life { life in
            let other = QueueName(account: EventRouterStory.account, name: "other")
            if let refusal { life.queues.make(other, refusing: refusal) }
            try await life.putRule(
                "orders", #"{"source": ["shop"]}"#,
                targets: [("other", other.arn(region: "us-east-1"), [:]), ("queue", EventRouterStory.queueARN, [:])])
            try await life.router.put([life.event()])
            #expect(life.queues.sent.map(\.queue) == [EventRouterStory.queue])
            let delivery = try #require(RuleTargetDelivery(encoded: try await life.waiting()[0].body))
            #expect(delivery.targetARN == other.arn(region: "us-east-1"))
        }
    }

    @Test("What fails for good goes to the target's dead-letter queue with AWS's attributes, the event as the rule saw it")
    func deadLetter() async throws {
        try await EventRouterStory().life { life in
            life.queues.make(Self.deadLetters)
            let broken = "arn:aws:states:us-east-1:000000000000:stateMachine:broken"
            try await life.putRule(
                "orders", #"{"source": ["shop"]}"#,
                targets: [("broken", broken, ["Input": "1", "DeadLetterConfig": Self.deadLetterConfig])])
            try await life.router.put([life.event()])
            try await life.deliver { try await life.waiting().isEmpty }
            let message = try #require(life.queues.sent.first)
            #expect(message.queue == Self.deadLetters)
            #expect(try JSONParser.parse(message.body) == life.event().value)
            let attributes = Dictionary(uniqueKeysWithValues: message.attributes.map { ($0.name, $0.value) })
            #expect(
                attributes == [
                    "RULE_ARN": .string("arn:aws:events:us-east-1:000000000000:rule/orders"), "TARGET_ARN": .string(broken),
                    "ERROR_CODE": .string("NO_RESOURCE"), "ERROR_MESSAGE": .string("It is broken."), "RETRY_ATTEMPTS": .string("0"),
                ])
            #expect(try await life.failed().isEmpty)
        }
    }

    @Test("A dead-letter queue that is gone leaves the delivery among the failed ones, with both reasons")
    func absentDeadLetterQueue() async throws {
        try await EventRouterStory().life { life in
            try await life.putRule(
                "orders", #"{"source": ["shop"]}"#,
                targets: [("t", "arn:aws:states:us-east-1:000000000000:stateMachine:broken", ["DeadLetterConfig": Self.deadLetterConfig])])
            try await life.router.put([life.event()])
            try await life.deliver { try await life.waiting().isEmpty }
            let reason = try #require(try await life.failed().first?.reason)
            #expect(reason.contains("It is broken.") && reason.contains("dead-letter queue"))
        }
    }

    @Test("A dead letter whose answer was lost is not written twice")
    func lostAnswer() async throws {
        let story = try EventRouterStory()
        try await story.life { life in
            life.queues.make(Self.deadLetters)
            try await life.putRule(
                "orders", #"{"source": ["shop"]}"#,
                targets: [("t", "arn:aws:states:us-east-1:000000000000:stateMachine:broken", ["DeadLetterConfig": Self.deadLetterConfig])])
            try await life.router.put([life.event()])
            life.database.failOnce(.after, on: "DELETE FROM delivery")
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await life.deliveries.run() }
                try await eventually {
                    story.clock.advance(by: .seconds(1))
                    return try await life.waiting().isEmpty
                }
                group.cancelAll()
            }
            #expect(try await life.failed().isEmpty)
        }
    }

    @Test("Only the rules that a replay names see its events")
    func onlySomeRules() async throws {
        try await EventRouterStory().life { life in
            try await life.putRule("one", #"{"source": ["shop"]}"#)
            try await life.putRule("two", #"{"source": ["shop"]}"#)
            var event = life.event()
            event.replayName = "again"
            try await life.router.put([event], only: ["arn:aws:events:us-east-1:000000000000:rule/two"])
            #expect(life.queues.sent.count == 1)
            #expect(life.queues.sent.first?.body.contains(#""replay-name":"again""#) == true)
        }
    }
}
