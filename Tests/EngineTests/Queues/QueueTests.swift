import Engine
import Store
import Testing
import TimeSource

@Suite("Standard queues")
struct QueueTests {
    @Test("A message is sent, received and deleted")
    func way() async throws {
        try await QueueStory().life { life in
            let queue = try await life.queue("q")
            let sent = try await life.engine.send([
                OutgoingMessage(
                    queue: queue, body: "hello é",
                    attributes: [
                        QueueMessageAttribute(name: "n", dataType: "Number", value: .string("1")),
                        QueueMessageAttribute(name: "b", dataType: "Binary.png", value: .binary([0, 255])),
                    ], traceHeader: "Root=1", groupID: "g", senderID: "AIDA")
            ])
            #expect(sent.count == 1 && sent[0].sequenceNumber == nil && !sent[0].isDuplicate)
            life.clock.advance(by: .seconds(2))
            let message = try #require(try await life.receive(from: queue).first)
            #expect(message.messageID == sent[0].messageID)
            #expect(message.body == "hello é")
            #expect(message.attributes.map(\.name) == ["n", "b"])
            #expect(message.attributes.last?.value == .binary([0, 255]))
            #expect(message.traceHeader == "Root=1" && message.senderID == "AIDA" && message.groupID == "g")
            #expect(message.receiveCount == 1 && message.sequenceNumber == nil && message.deadLetterSource == nil)
            #expect(message.firstReceivedAt - message.sentAt == .seconds(2))
            #expect(try await life.counts(queue) == [0, 1, 0])
            try await life.delete(message, from: queue)
            try await life.delete(message, from: queue)
            #expect(try await life.counts(queue) == [0, 0, 0])
            #expect(try await life.rows("queue_message") == 0)
            #expect(try await life.rows("queue_inflight") == 0)
        }
    }

    @Test("A message that is not deleted comes back after its visibility timeout, and counts its receives")
    func visibility() async throws {
        let story = try QueueStory()
        try await story.life { life in
            let queue = try await life.queue("q") { $0.visibilityTimeout = .seconds(10) }
            try await life.send("a", to: queue)
            let first = try #require(try await life.receive(from: queue).first)
            #expect(try await life.bodies(from: queue) == [])
            life.clock.advance(by: .milliseconds(9_999))
            #expect(try await life.bodies(from: queue) == [])
            life.clock.advance(by: .milliseconds(1))
            let second = try #require(try await life.receive(from: queue, timeout: .seconds(100)).first)
            #expect(second.receiveCount == 2)
            #expect(second.firstReceivedAt == first.firstReceivedAt)
            #expect(second.receiptHandle != first.receiptHandle)
            // Whoever has it counts.
            try await life.delete(first, from: queue)
            #expect(try await life.counts(queue) == [0, 1, 0])
            life.clock.advance(by: .seconds(50))
        }
        try await story.life { life in
            let queue = try await life.queue("q")
            #expect(try await life.counts(queue) == [0, 1, 0])
            life.clock.advance(by: .seconds(49))
            #expect(try await life.bodies(from: queue) == [])
            life.clock.advance(by: .seconds(1))
            let third = try #require(try await life.receive(from: queue).first)
            #expect(third.receiveCount == 3)
        }
    }

    @Test("The handle of an earlier receive deletes a message that nobody has")
    func oldHandle() async throws {
        try await QueueStory().life { life in
            let queue = try await life.queue("q") { $0.visibilityTimeout = .seconds(1) }
            try await life.send("a", to: queue)
            let first = try #require(try await life.receive(from: queue).first)
            life.clock.advance(by: .seconds(1))
            _ = try await life.receive(from: queue)
            life.clock.advance(by: .seconds(1))
            try await life.delete(first, from: queue)
            #expect(try await life.counts(queue) == [0, 0, 0])
        }
    }

    @Test("A consumer changes for how long it has a message")
    func changes() async throws {
        let story = try QueueStory()
        try await story.life { life in
            let queue = try await life.queue("q")
            try await life.send("a", to: queue)
            let message = try #require(try await life.receive(from: queue).first)
            try await life.hide(message, for: .seconds(600), in: queue)
            life.clock.advance(by: .seconds(599))
        }
        try await story.life { life in
            let queue = try await life.queue("q")
            #expect(try await life.bodies(from: queue) == [])
            life.clock.advance(by: .seconds(1))
            let message = try #require(try await life.receive(from: queue).first)
            try await life.hide(message, for: .zero, in: queue)
            #expect(try await life.counts(queue) == [1, 0, 0])
            try await life.hide(message, for: .seconds(30), in: queue)
            #expect(try await life.counts(queue) == [0, 1, 0])
            life.clock.advance(by: .seconds(30))
            #expect(try await life.bodies(from: queue) == ["a"])
            await #expect(throws: QueueError.messageNotAvailable) { try await life.hide(message, for: .zero, in: queue) }
            try await life.delete(message, from: queue)
            await #expect(throws: QueueError.messageNotAvailable) { try await life.hide(message, for: .zero, in: queue) }
        }
    }

    @Test("What is no handle of this queue is refused, each by itself")
    func handles() async throws {
        try await QueueStory().life { life in
            let (queue, other) = (try await life.queue("q"), try await life.queue("p"))
            try await life.send("a", to: queue)
            let handle = try #require(try await life.receive(from: queue).first).receiptHandle
            #expect(try await life.engine.delete(["x", handle], from: other) == [.receiptHandleInvalid, .receiptHandleInvalid])
            #expect(try await life.engine.delete(["", handle, handle], from: queue) == [.receiptHandleInvalid, nil, nil])
        }
    }

    @Test("Messages are delayed by their queue or by themselves, over restarts")
    func delays() async throws {
        let story = try QueueStory()
        try await story.life { life in
            let queue = try await life.queue("q") { $0.delay = .seconds(20) }
            try await life.send("late", to: queue)
            try await life.send("now", to: queue, delay: .zero)
            try await life.send("latest", to: queue, delay: .seconds(900))
            #expect(try await life.counts(queue) == [1, 0, 2])
            #expect(try await life.bodies(from: queue, timeout: .seconds(1_000)) == ["now"])
        }
        try await story.life { life in
            let queue = try await life.queue("q")
            #expect(try await life.counts(queue) == [0, 1, 2])
            life.clock.advance(by: .seconds(20))
            let late = try #require(try await life.receive(from: queue).first)
            #expect(late.body == "late" && late.receiveCount == 1)
            try await life.delete(late, from: queue)
            life.clock.advance(by: .seconds(880))
            #expect(try await life.bodies(from: queue) == ["latest"])
        }
    }

    @Test("Messages whose retention is over are not received, and their rows go")
    func retention() async throws {
        let story = try QueueStory()
        try await story.life { life in
            let queue = try await life.queue("q") { $0.retention = .seconds(100) }
            try await life.send("old", "older", to: queue)
            _ = try await life.receive(1, from: queue, timeout: .zero)
            story.source.advance(by: .seconds(60))
            try await life.send("new", to: queue)
            story.source.advance(by: .seconds(40))
            #expect(try await life.drain(queue) == ["new"])
            #expect(try await life.counts(queue) == [0, 0, 0])
            try await life.send("idle", to: queue)
            story.source.advance(by: .seconds(100))
            try await life.until("the rows are gone") {
                life.clock.advance(by: .seconds(60))
                let messages = try await life.rows("queue_message")
                return try await life.rows("queue_inflight") + messages == 0
            }
            #expect(try await life.counts(queue) == [0, 0, 0])
        }
    }

    @Test("A purge deletes what was sent before, at once and for good")
    func purge() async throws {
        let story = try QueueStory()
        let hold = HoldGate(isHeld: true)
        try await story.life(hold: hold) { life in
            let queue = try await life.queue("q")
            try await life.send("a", "b", "c", to: queue)
            let message = try #require(try await life.receive(1, from: queue).first)
            try await life.engine.purge(queue)
            try await life.send("d", to: queue)
            #expect(try await life.counts(queue) == [1, 0, 0])
            await #expect(throws: QueueError.purgeInProgress(queue)) { try await life.engine.purge(queue) }
            try await life.delete(message, from: queue)
            #expect(try await life.rows("queue_message") == 4)
        }
        try await story.life { life in
            let queue = try await life.queue("q")
            #expect(try await life.counts(queue) == [1, 0, 0])
            #expect(try await life.bodies(from: queue) == ["d"])
            try await life.until("the rows are gone") { try await life.rows("queue_purge") == 0 }
            #expect(try await life.rows("queue_message") == 1)
            #expect(try await life.rows("queue_inflight") == 1)
        }
    }

    @Test("A deleted queue is gone with its messages; a new one of its name is empty")
    func deletion() async throws {
        let story = try QueueStory()
        try await story.life { life in
            let queue = try await life.queue("q")
            try await life.send("a", to: queue)
            _ = try await life.receive(from: queue)
            try await life.engine.delete(queue)
            #expect(!life.engine.exists(queue))
            await #expect(throws: QueueError.queueDoesNotExist(queue)) { try await life.send("b", to: queue) }
            await #expect(throws: QueueError.queueDoesNotExist(queue)) { try await life.receive(from: queue) }
            await #expect(throws: QueueError.queueDoesNotExist(queue)) { try await life.engine.delete(queue) }
            try await life.queue("q")
            #expect(try await life.counts(queue) == [0, 0, 0])
            try await life.until("the rows are gone") { try await life.rows("queue_purge") == 0 }
            #expect(try await life.rows("queue_message") == 0)
            try await life.send("c", to: queue)
        }
        try await story.life { life in
            let queue = try await life.queue("q")
            #expect(try await life.bodies(from: queue) == ["c"])
        }
    }

    @Test("Queues are kept with their attributes, and listed")
    func attributes() async throws {
        let story = try QueueStory()
        let dead = QueueName(account: QueueLife.account, name: "dead")
        try await story.life { life in
            try await life.queue("dead") { $0.redriveAllowPolicy = .byQueue([QueueName(account: QueueLife.account, name: "b")]) }
            try await life.queue("a") {
                $0.redrivePolicy = QueueAttributes.RedrivePolicy(deadLetterQueue: dead, maxReceiveCount: 3)
                $0.policy = "{}"
                $0.sqsManagedSSEEnabled = true
                $0.kmsDataKeyReusePeriod = .seconds(300)
            }
            let queue = try await life.queue("b.fifo") { $0.contentBasedDeduplication = true }
            try await life.engine.setAttributes(of: queue) { $0.deduplicationScope = .messageGroup }
            try await life.engine.setAttributes(of: queue) { $0.fifoThroughputLimit = .perMessageGroupId }
            let again = try await life.engine.create(queue, attributes: QueueAttributes())
            guard case .exists(let record) = again else { throw QueueError.shuttingDown }
            #expect(record.attributes.deduplicationScope == .messageGroup)
        }
        try await story.life { life in
            let engine = life.engine
            #expect(engine.list(account: QueueLife.account, limit: 10).map(\.name) == ["a", "b.fifo", "dead"])
            #expect(engine.list(account: QueueLife.account, after: "a", limit: 1).map(\.name) == ["b.fifo"])
            #expect(engine.list(account: QueueLife.account, prefix: "d", limit: 10).map(\.name) == ["dead"])
            #expect(engine.list(account: "1", limit: 10).isEmpty)
            #expect(engine.deadLetterSources(of: dead, limit: 10).map(\.name) == ["a"])
            let a = try #require(engine.record(of: QueueName(account: QueueLife.account, name: "a"))).attributes
            #expect(a.redrivePolicy?.maxReceiveCount == 3 && a.policy == "{}" && a.sqsManagedSSEEnabled == true)
            #expect(a.kmsDataKeyReusePeriod == .seconds(300) && a.redriveAllowPolicy == nil && a.visibilityTimeout == .seconds(30))
            let b = try #require(engine.record(of: QueueName(account: QueueLife.account, name: "b.fifo"))).attributes
            #expect(b.fifoThroughputLimit == .perMessageGroupId && b.contentBasedDeduplication)
            let allowed = try #require(engine.record(of: dead)).attributes.redriveAllowPolicy
            #expect(allowed == .byQueue([QueueName(account: QueueLife.account, name: "b")]))
        }
    }

    @Test("A batch for several queues is sent with its statements, or not at all")
    func together() async throws {
        try await QueueStory().life { life in
            let (one, two) = (try await life.queue("one"), try await life.queue("two.fifo"))
            let tag = TagStore.set("k", to: "v", of: "r", account: "1")
            let messages = [
                OutgoingMessage(queue: one, body: "1", senderID: "s"),
                OutgoingMessage(queue: two, body: "2", groupID: "g", deduplicationID: "d", senderID: "s"),
                OutgoingMessage(queue: one, body: "3", senderID: "s"),
            ]
            _ = try await life.engine.send(messages, with: [tag])
            #expect(try await life.rows("resource_tag") == 1)
            #expect(try await life.bodies(from: one) == ["1", "3"])
            #expect(try await life.bodies(from: two) == ["2"])
            // Of the FIFO queue it is a duplicate.
            let refused = Statement("UPDATE resource_tag SET tag_value = 'w' WHERE account = '2'", [], expecting: .changes(1))
            await #expect(throws: QueueError.self) { try await life.engine.send(messages, with: [refused]) }
            #expect(try await life.counts(one) == [0, 2, 0])
            #expect(try await life.rows("queue_message") == 3)
        }
    }
}
