import Engine
import Store
import Synchronization
import Testing
import TimeSource

@Suite("Many senders and consumers at once")
struct QueueCrowdTests {
    private final class Record: Sendable {
        let seen = Mutex(Seen())
    }

    private struct Seen {
        var deleted: [String] = []
        /// The last message of each group that was deleted.
        var last: [String: Int] = [:]
        var disorder: [String] = []
    }

    @Test(
        "Every message is deleted once, and those of a group in order, through windows that are far too small", arguments: ["q", "q.fifo"])
    func crowd(name: String) async throws {
        var limits = QueueEngine.Limits()
        limits.queue.ready = 30
        limits.queue.low = 10
        limits.queue.page = 16
        limits.queue.delayed = 5
        limits.bytes = 10_000
        let (senders, consumers, perSender) = (6, 8, 120)
        let story = try QueueStory()
        try await story.life(limits: limits) { life in
            let queue = try await life.queue(name) { $0.visibilityTimeout = .seconds(600) }
            let record = Record()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for sender in 0..<senders {
                    group.addTask {
                        for start in stride(from: 0, to: perSender, by: 5) {
                            try await life.send((start..<start + 5).map { "\(sender) \($0)" }, to: queue, group: "\(sender)")
                        }
                    }
                }
                for consumer in 0..<consumers {
                    group.addTask {
                        let random = SeededRandomSource(seed: UInt64(consumer))
                        while record.seen.withLock({ $0.deleted.count }) < senders * perSender {
                            let messages = try await life.receive(Int(random.number(below: 10)) + 1, from: queue)
                            if messages.isEmpty { await Task.yield() }
                            for message in messages {
                                // What comes after a message that goes back goes back too, as consumers of a FIFO queue must.
                                guard random.number(below: 4) > 0 else {
                                    let rest = messages.drop { $0.messageID != message.messageID }
                                    let changes = rest.map { QueueEngine.VisibilityChange(receiptHandle: $0.receiptHandle, timeout: .zero) }
                                    _ = try await life.engine.changeVisibility(changes, in: queue)
                                    break
                                }
                                let parts = message.body.split(separator: " ")
                                let number = Int(parts[1]) ?? -1
                                record.seen.withLock { seen in
                                    seen.deleted.append(message.body)
                                    if number <= seen.last[String(parts[0]), default: -1] { seen.disorder.append(message.body) }
                                    seen.last[String(parts[0])] = number
                                }
                                try await life.delete(message, from: queue)
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            let result = record.seen.withLock { $0 }
            #expect(result.deleted.count == senders * perSender)
            #expect(Set(result.deleted).count == senders * perSender)
            if queue.isFIFO { #expect(result.disorder == []) }
            #expect(try await life.counts(queue) == [0, 0, 0])
            #expect(try await life.rows("queue_message") == 0)
            #expect(try await life.rows("queue_inflight") == 0)
        }
    }
}
