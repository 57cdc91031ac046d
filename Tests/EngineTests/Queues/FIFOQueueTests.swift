import Engine
import Store
import TestSupport
import Testing
import TimeSource

@Suite("FIFO queues")
struct FIFOMessageTests {
    @Test("A batch has several messages of a group, in their order; the group waits until they are deleted")
    func order() async throws {
        try await QueueStory().life { life in
            let queue = try await life.queue("q.fifo")
            try await life.send("a1", "a2", "a3", to: queue, group: "a")
            try await life.send("b1", to: queue, group: "b")
            try await life.send("a4", to: queue, group: "a")
            let first = try await life.receive(2, from: queue)
            #expect(first.map(\.body) == ["a1", "a2"])
            #expect(try await life.bodies(from: queue) == ["b1"])
            try await life.delete(first[0], from: queue)
            #expect(try await life.bodies(from: queue) == [])
            try await life.delete(first[1], from: queue)
            #expect(try await life.bodies(from: queue) == ["a3", "a4"])
        }
    }

    @Test("A message that goes back is the next of its group")
    func back() async throws {
        let story = try QueueStory()
        try await story.life { life in
            let queue = try await life.queue("q.fifo") { $0.visibilityTimeout = .seconds(30) }
            try await life.send("1", "2", "3", "4", to: queue)
            let messages = try await life.receive(3, from: queue)
            try await life.delete(messages[0], from: queue)
            try await life.hide(messages[1], for: .zero, in: queue)
            // The third is still out.
            #expect(try await life.bodies(from: queue) == [])
            try await life.hide(messages[2], for: .zero, in: queue)
            #expect(try await life.bodies(1, from: queue) == ["2"])
        }
        try await story.life { life in
            let queue = try await life.queue("q.fifo")
            #expect(try await life.bodies(from: queue) == [])
            life.clock.advance(by: .seconds(30))
            let messages = try await life.receive(from: queue)
            #expect(messages.map(\.body) == ["2", "3", "4"])
            #expect(messages.map(\.receiveCount) == [3, 2, 1])
        }
    }

    @Test("Sequence numbers have 20 digits and grow, over restarts too")
    func sequence() async throws {
        let story = try QueueStory()
        var numbers: [String] = []
        for life in 0..<3 {
            numbers += try await story.life { life2 in
                let queue = try await life2.queue("q.fifo")
                let sent = try await life2.send("\(life)a", "\(life)b", to: queue)
                #expect(try await life2.drain(queue).count == 2)
                return sent.compactMap(\.sequenceNumber)
            }
            // The wall clock was set back while the server was down.
            story.source.setWallClock(to: story.source.now - .seconds(10))
        }
        #expect(numbers.allSatisfy { $0.utf8.count == 20 })
        #expect(numbers == numbers.sorted() && Set(numbers).count == 6)
    }

    @Test("A message with the same deduplication id within five minutes is the first one, deleted or not")
    func duplicates() async throws {
        let story = try QueueStory()
        let first = try await story.life { life in
            let queue = try await life.queue("q.fifo")
            let first = try await life.send("a", to: queue)[0]
            let second = try await life.send("a", to: queue, group: "other")[0]
            #expect(second.isDuplicate && second.messageID == first.messageID && second.sequenceNumber == first.sequenceNumber)
            #expect(try await life.drain(queue) == ["a"])
            #expect(try await life.send("a", to: queue)[0].isDuplicate)
            life.clock.advance(by: .seconds(299))
            return first
        }
        try await story.life { life in
            let queue = try await life.queue("q.fifo")
            let third = try await life.send("b", "a", "b", to: queue)
            #expect(third.map(\.isDuplicate) == [false, true, true])
            #expect(third[1].messageID == first.messageID && third[2].messageID == third[0].messageID)
            life.clock.advance(by: .seconds(1))
            #expect(try await life.send("a", to: queue)[0].isDuplicate == false)
            #expect(try await life.drain(queue) == ["b", "a"])
            try await life.until("the digests are gone") {
                life.clock.advance(by: .seconds(60))
                return try await life.rows("queue_deduplication") == 0
            }
        }
    }

    @Test("Ids are looked for in the message group alone where the queue says so, and made of the body where there is none")
    func scope() async throws {
        try await QueueStory().life { life in
            let queue = try await life.queue("q.fifo") {
                $0.contentBasedDeduplication = true
                $0.deduplicationScope = .messageGroup
            }
            func send(_ body: String, _ group: String, id: String? = nil) async throws -> Bool {
                try await life.engine.send([
                    OutgoingMessage(queue: queue, body: body, groupID: group, deduplicationID: id, senderID: "s")
                ])[0].isDuplicate
            }
            #expect(try await send("x", "a") == false)
            #expect(try await send("x", "a") == true)
            #expect(try await send("x", "b") == false)
            #expect(try await send("x", "b", id: "1") == false)
            #expect(try await send("y", "b", id: "1") == true)
            let message = try #require(try await life.receive(1, from: queue).first)
            #expect(message.deduplicationID == "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881")
        }
    }

    @Test("Senders of the same message at once all get the first one")
    func race() async throws {
        try await QueueStory().life { life in
            let queue = try await life.queue("q.fifo")
            _ = try await life.counts(queue)
            life.database.hold()
            try await withThrowingTaskGroup(of: SentMessage.self) { group in
                for _ in 0..<10 { group.addTask { try await life.send("a", to: queue)[0] } }
                try await life.until("one is on its way") { life.database.heldCount == 1 }
                life.database.release()
                var sent: [SentMessage] = []
                for try await one in group { sent.append(one) }
                #expect(Set(sent.map(\.messageID)).count == 1)
                #expect(sent.count { !$0.isDuplicate } == 1)
            }
        }
    }

    @Test("A FIFO queue demands group and id, takes no delay, and no handle that is over")
    func refusals() async throws {
        try await QueueStory().life { life in
            let queue = try await life.queue("q.fifo") { $0.visibilityTimeout = .seconds(1) }
            func send(_ message: OutgoingMessage) async throws { _ = try await life.engine.send([message]) }
            await #expect(throws: QueueError.missingGroupID(queue)) {
                try await send(OutgoingMessage(queue: queue, body: "", senderID: ""))
            }
            await #expect(throws: QueueError.missingDeduplicationID(queue)) {
                try await send(OutgoingMessage(queue: queue, body: "", groupID: "g", senderID: ""))
            }
            await #expect(throws: QueueError.delayNotAllowed(queue)) {
                try await send(OutgoingMessage(queue: queue, body: "", delay: .zero, groupID: "g", deduplicationID: "d", senderID: ""))
            }
            try await life.send("a", to: queue)
            let message = try #require(try await life.receive(from: queue).first)
            life.clock.advance(by: .seconds(1))
            await #expect(throws: QueueError.receiptHandleExpired) { try await life.delete(message, from: queue) }
            let again = try #require(try await life.receive(from: queue).first)
            await #expect(throws: QueueError.receiptHandleExpired) { try await life.delete(message, from: queue) }
            try await life.delete(again, from: queue)
            try await life.delete(again, from: queue)
        }
    }

    @Test("The queue's delay holds back whole groups, in order")
    func delay() async throws {
        try await QueueStory().life { life in
            let queue = try await life.queue("q.fifo") { $0.delay = .seconds(10) }
            try await life.send("1", to: queue)
            try await life.engine.setAttributes(of: queue) { $0.delay = .zero }
            try await life.send("2", to: queue)
            #expect(try await life.counts(queue) == [1, 0, 1])
            #expect(try await life.bodies(from: queue) == [])
            life.clock.advance(by: .seconds(10))
            #expect(try await life.bodies(from: queue) == ["1", "2"])
        }
    }

    @Test("A receive that is asked for again under its attempt id gets the same messages, unless something was done with them")
    func attempts() async throws {
        try await QueueStory().life { life in
            let queue = try await life.queue("q.fifo") { $0.visibilityTimeout = .seconds(30) }
            try await life.send("1", "2", to: queue, group: "a")
            try await life.send("3", to: queue, group: "b")
            let first = try await life.receive(2, from: queue, attempt: "x")
            life.clock.advance(by: .seconds(20))
            let again = try await life.receive(2, from: queue, attempt: "x")
            #expect(again == first)
            #expect(again.map(\.receiveCount) == [1, 1])
            // Hidden anew from then on.
            life.clock.advance(by: .seconds(20))
            #expect(try await life.bodies(from: queue, timeout: .seconds(100)) == ["3"])
            try await life.delete(first[0], from: queue)
            #expect(try await life.receive(2, from: queue, attempt: "x") == [])
            life.clock.advance(by: .seconds(10))
            #expect(try await life.receive(2, from: queue, attempt: "x").map(\.receiveCount) == [2])
        }
    }
}
