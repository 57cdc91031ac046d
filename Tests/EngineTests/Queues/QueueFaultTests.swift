import Engine
import Store
import TestSupport
import Testing
import TimeSource

@Suite("Queues when the database fails")
struct QueueFaultTests {
    private static let full = StoreError(.full, detail: "no room")

    @Test("A send that was not applied leaves nothing, and may be made again", arguments: ["q", "q.fifo"])
    func sendFails(name: String) async throws {
        try await QueueStory().life { life in
            let queue = try await life.queue(name)
            _ = try await life.counts(queue)
            life.database.failOnce(.before(QueueFaultTests.full), on: "INSERT INTO queue_message")
            await #expect(throws: QueueError.store(QueueFaultTests.full)) { try await life.send("a", to: queue) }
            #expect(try await life.counts(queue) == [0, 0, 0])
            #expect(try await life.send("a", to: queue)[0].isDuplicate == false)
            #expect(try await life.drain(queue) == ["a"])
        }
    }

    @Test("After a send of which nobody knows the table decides: what is there is delivered, once, and is no duplicate's rival")
    func sendUnknown() async throws {
        try await QueueStory().life { life in
            for name in ["q", "q.fifo"] {
                let queue = try await life.queue(name)
                try await life.send("before", to: queue)
                let held = try await life.receive(from: queue)
                async let waiting = life.wait(at: queue)
                try await life.until("it waits") { life.engine.waitingConsumers == 1 }
                life.database.failOnce(.after, on: "INSERT INTO queue_message")
                await #expect(throws: QueueError.self) { try await life.send("a", to: queue, group: "other") }
                #expect(try await waiting.map(\.body) == ["a"])
                if queue.isFIFO { #expect(try await life.send("a", to: queue, group: "other")[0].isDuplicate) }
                #expect(try await life.counts(queue) == [0, 2, 0])
                try await life.delete(held[0], from: queue)
                #expect(try await life.counts(queue) == [0, 1, 0])
            }
        }
    }

    @Test("A receive that was not applied takes nothing: the messages are where they were, in order", arguments: ["q", "q.fifo"])
    func receiveFails(name: String) async throws {
        try await QueueStory().life { life in
            let queue = try await life.queue(name)
            try await life.send("a", "b", to: queue)
            _ = try await life.counts(queue)
            life.database.failOnce(.before(QueueFaultTests.full), on: "INSERT INTO queue_inflight")
            await #expect(throws: QueueError.store(QueueFaultTests.full)) { try await life.receive(1, from: queue) }
            #expect(try await life.counts(queue) == [2, 0, 0])
            let messages = try await life.receive(from: queue)
            #expect(messages.map(\.body).sorted() == ["a", "b"] && messages.map(\.receiveCount) == [1, 1])
            if queue.isFIFO { #expect(messages.map(\.body) == ["a", "b"]) }
        }
    }

    @Test("After a receive of which nobody knows the table decides: the message is hidden and counted", arguments: ["q", "q.fifo"])
    func receiveUnknown(name: String) async throws {
        try await QueueStory().life { life in
            let queue = try await life.queue(name)
            try await life.send("a", to: queue)
            life.database.failOnce(.after, on: "INSERT INTO queue_inflight")
            await #expect(throws: QueueError.self) { try await life.receive(1, from: queue) }
            #expect(try await life.counts(queue) == [0, 1, 0])
            life.clock.advance(by: .seconds(30))
            #expect(try await life.receive(from: queue).map(\.receiveCount) == [2])
        }
    }

    @Test("A deletion that was not applied leaves the message hidden; one of which nobody knows is looked up")
    func deletionFails() async throws {
        try await QueueStory().life { life in
            let queue = try await life.queue("q.fifo")
            try await life.send("a", "b", to: queue)
            let message = try #require(try await life.receive(1, from: queue).first)
            life.database.failOnce(.before(QueueFaultTests.full), on: "DELETE FROM queue_message")
            await #expect(throws: QueueError.store(QueueFaultTests.full)) { try await life.delete(message, from: queue) }
            #expect(try await life.counts(queue) == [1, 1, 0])
            #expect(try await life.bodies(from: queue) == [])
            life.database.failOnce(.after, on: "DELETE FROM queue_message")
            await #expect(throws: QueueError.self) { try await life.delete(message, from: queue) }
            #expect(try await life.counts(queue) == [1, 0, 0])
            #expect(try await life.bodies(from: queue) == ["b"])
        }
    }

    @Test("A longer visibility that was not stored counts for nothing")
    func changeFails() async throws {
        try await QueueStory().life { life in
            let queue = try await life.queue("q")
            try await life.send("a", to: queue)
            let message = try #require(try await life.receive(1, from: queue).first)
            life.database.failOnce(.before(QueueFaultTests.full), on: "UPDATE queue_inflight")
            await #expect(throws: QueueError.store(QueueFaultTests.full)) { try await life.hide(message, for: .seconds(600), in: queue) }
            life.clock.advance(by: .seconds(30))
            #expect(try await life.bodies(from: queue) == ["a"])
        }
    }

    @Test("A dead letter is in one queue, whatever happens to the batch that moves it", arguments: 0..<3)
    func deadLetter(fault: Int) async throws {
        let story = try QueueStory()
        try await story.life { life in
            let (queue, dead) = try await life.pair("q", "dead", count: 1)
            try await life.send("a", to: queue)
            _ = try await life.receive(from: queue, timeout: .zero)
            _ = try await life.counts(dead)
            let faults: [FaultyDatabase.Fault] = [.before(QueueFaultTests.full), .after, .crashBefore]
            life.database.failOnce(faults[fault], on: "dead_letter_source, body, attributes)\nSELECT")
            #expect((try? await life.bodies(from: queue)) ?? [] == [])
            guard !life.database.isCut else { return }
            #expect((try? await life.bodies(from: queue)) ?? [] == [])
            #expect(try await life.bodies(from: dead) == ["a"])
        }
        try await story.life { life in
            let (queue, dead) = try await life.pair("q", "dead", count: 1)
            life.clock.advance(by: .seconds(30))
            #expect(try await life.bodies(from: queue) == [])
            #expect(try await life.bodies(from: dead) == ["a"])
        }
    }

    @Test("A crash at any batch of a message's way loses nothing and brings nothing back", arguments: 1...12, [true, false])
    func crashes(batch: Int, before: Bool) async throws {
        let story = try QueueStory()
        let (sent, deleted, received) = try await story.life { life in
            let queue = try await life.queue("q.fifo")
            _ = try await life.counts(queue)
            life.database.failOnce(before ? .crashBefore : .crashAfter, atBatch: batch)
            var (sent, deleted, received): ([String], [String], [String]) = ([], [], [])
            for number in 0..<4 where (try? await life.send("\(number)", to: queue)) != nil { sent.append("\(number)") }
            while let messages = try? await life.receive(1, from: queue), let message = messages.first {
                received.append(message.body)
                guard (try? await life.delete(message, from: queue)) != nil else { break }
                deleted.append(message.body)
            }
            return (sent, deleted, received)
        }
        story.source.advance(by: .seconds(30))
        try await story.life { life in
            let queue = try await life.queue("q.fifo")
            let left = try await life.drain(queue)
            #expect(left == left.sorted())
            #expect(Set(left).isDisjoint(with: deleted))
            #expect(
                Set(left).union(deleted).isSuperset(of: sent.filter { !received.contains($0) || left.contains($0) || deleted.contains($0) })
            )
            // What was received last may have been deleted by the batch that nobody heard of.
            #expect(Set(sent).subtracting(left).subtracting(deleted).isSubset(of: Set(received.suffix(1))))
        }
    }

    @Test("Consumers of a queue that cannot be read are told, and served when it can")
    func closed() async throws {
        try await QueueStory().life { life in
            let queue = try await life.queue("q")
            life.database.failOnce(.before(QueueFaultTests.full), atBatch: 1)
            await #expect(throws: QueueError.store(QueueFaultTests.full)) { try await life.receive(from: queue) }
            try await life.send("a", to: queue)
            #expect(try await life.bodies(from: queue) == ["a"])
            #expect(try await life.counts(queue) == [0, 1, 0])
        }
    }
}
