import Engine
import Store
import Testing
import TimeSource

@Suite("Dead letters and their moves")
struct DeadLetterTests {
    @Test("A message that was received too often goes to the dead-letter queue with its id, and its retention goes on")
    func standard() async throws {
        let story = try QueueStory()
        try await story.life { life in
            let (queue, dead) = try await life.pair("q", "dead", count: 2)
            try await life.engine.setAttributes(of: dead) { $0.retention = .seconds(120) }
            let id = try await life.send("a", to: queue)[0].messageID
            for _ in 0..<2 {
                #expect(try await life.receive(from: queue, timeout: .seconds(50)).count == 1)
                life.clock.advance(by: .seconds(50))
            }
            async let waiting = life.wait(at: dead)
            try await life.until("it waits") { life.engine.waitingConsumers == 1 }
            #expect(try await life.bodies(from: queue) == [])
            let letter = try #require(try await waiting.first)
            #expect(letter.messageID == id && letter.body == "a" && letter.deadLetterSource == queue)
            #expect(letter.receiveCount == 3 && letter.firstReceivedAt < letter.sentAt + .seconds(50))
            #expect(try await life.counts(queue) == [0, 0, 0])
            #expect(try await life.counts(dead) == [0, 1, 0])
            try await life.hide(letter, for: .zero, in: dead)
        }
        try await story.life { life in
            let dead = try await life.queue("dead")
            #expect(try await life.counts(dead) == [1, 0, 0])
            let letter = try #require(try await life.receive(from: dead, timeout: .zero).first)
            #expect(letter.receiveCount == 4)
            life.clock.advance(by: .seconds(20))
            #expect(try await life.bodies(from: dead) == [])
        }
    }

    @Test("A FIFO queue's dead letters keep group and order, and the group goes on")
    func fifo() async throws {
        try await QueueStory().life { life in
            let (queue, dead) = try await life.pair("q.fifo", "dead.fifo", count: 1)
            try await life.send("1", "2", "3", to: queue)
            #expect(try await life.bodies(2, from: queue, timeout: .zero) == ["1", "2"])
            #expect(try await life.bodies(from: queue) == ["3"])
            let letters = try await life.receive(from: dead)
            #expect(letters.map(\.body) == ["1", "2"])
            #expect(letters.map(\.groupID) == ["g", "g"] && letters.map(\.deduplicationID) == ["1", "2"])
        }
    }

    @Test("Letters are moved back to where they came from, as new messages")
    func moveBack() async throws {
        try await QueueStory().life { life in
            let (queue, dead) = try await life.pair("q", "dead", count: 1)
            let (other, _) = try await life.pair("p", "dead", count: 1)
            let id = try await life.send("a", to: queue)[0].messageID
            try await life.send("b", to: other)
            for name in [queue, other, queue, other] { _ = try await life.receive(from: name, timeout: .zero) }
            #expect(try await life.counts(dead) == [2, 0, 0])
            let task = try await life.engine.startMove(from: dead, to: nil, maxMessagesPerSecond: nil)
            #expect(task.status == .running && task.totalCount == 2)
            try await life.ends(task, .completed)
            let moved = try #require(try await life.receive(from: queue).first)
            #expect(moved.body == "a" && moved.messageID != id && moved.receiveCount == 1 && moved.deadLetterSource == nil)
            #expect(try await life.bodies(from: other) == ["b"])
            #expect(try await life.counts(dead) == [0, 0, 0])
            #expect(try await life.engine.moveTasks(of: dead, limit: 10).map(\.movedCount) == [2])
        }
    }

    @Test("A move keeps to its rate, is cancelled, and goes on after a restart")
    func rate() async throws {
        let story = try QueueStory()
        let id = try await story.life { life in
            let (queue, dead) = try await life.pair("q", "dead", count: 1)
            try await life.queue("target")
            try await life.send((0..<10).map(String.init), to: dead)
            _ = queue
            let target = QueueName(account: QueueLife.account, name: "target")
            let task = try await life.engine.startMove(from: dead, to: target, maxMessagesPerSecond: 2)
            await #expect(throws: QueueError.moveTaskRunning(dead)) {
                try await life.engine.startMove(from: dead, to: nil, maxMessagesPerSecond: nil)
            }
            try await life.until("two are moved") { try await life.counts(target)[0] == 2 }
            for _ in 0..<50 { await Task.yield() }
            #expect(try await life.counts(target) == [2, 0, 0])
            await life.clock.sleepers(atLeast: 3)
            life.clock.advance(by: .seconds(1))
            try await life.until("four are moved") { try await life.counts(target)[0] == 4 }
            return task.id
        }
        try await story.life { life in
            let target = try await life.queue("target")
            let dead = try await life.queue("dead")
            try await life.until("it goes on") { try await life.counts(target)[0] == 6 }
            #expect(try await life.engine.cancelMove(id) == 6)
            try await life.ends(try #require(try await life.engine.moveTasks(of: dead, limit: 1).first), .cancelled)
            #expect(try await life.counts(dead) == [4, 0, 0])
            await #expect(throws: QueueError.moveTaskNotRunning) { try await life.engine.cancelMove(id) }
            await #expect(throws: QueueError.moveTaskDoesNotExist) { try await life.engine.cancelMove("x") }
        }
    }

    @Test("A move fails with a reason when nobody knows where a letter came from, or the queue is gone")
    func failures() async throws {
        try await QueueStory().life { life in
            let (queue, dead) = try await life.pair("q", "dead", count: 1)
            await #expect(throws: QueueError.notADeadLetterQueue(queue)) {
                try await life.engine.startMove(from: queue, to: nil, maxMessagesPerSecond: nil)
            }
            try await life.send("direct", to: dead)
            let first = try await life.engine.startMove(from: dead, to: nil, maxMessagesPerSecond: nil)
            #expect(try await life.ends(first, .failed).failureReason == "CouldNotDetermineMessageSource")
            #expect(try await life.drain(dead) == ["direct"])
            let (gone, _) = try await life.pair("gone", "dead", count: 1)
            try await life.send("a", to: gone)
            for _ in 0..<2 { _ = try await life.receive(from: gone, timeout: .zero) }
            try await life.engine.delete(gone)
            let second = try await life.engine.startMove(from: dead, to: nil, maxMessagesPerSecond: nil)
            #expect(try await life.ends(second, .failed).failureReason == "AWS.SimpleQueueService.NonExistentQueue")
            #expect(try await life.counts(dead) == [1, 0, 0])
        }
    }

    @Test("While restored data is held nothing is moved, and clients are served")
    func held() async throws {
        try await QueueStory().life(hold: HoldGate(isHeld: true)) { life in
            let (queue, dead) = try await life.pair("q", "dead", count: 1)
            try await life.send("a", to: queue)
            for _ in 0..<2 { _ = try await life.receive(from: queue, timeout: .zero) }
            let task = try await life.engine.startMove(from: dead, to: nil, maxMessagesPerSecond: nil)
            for _ in 0..<100 { await Task.yield() }
            #expect(try await life.counts(dead) == [1, 0, 0])
            life.engine.hold.release(at: life.clock.now)
            try await life.ends(task, .completed)
            #expect(try await life.bodies(from: queue) == ["a"])
        }
    }
}

extension QueueLife {
    /// A queue and its dead-letter queue.
    func pair(_ name: String, _ dead: String, count: Int) async throws -> (queue: QueueName, dead: QueueName) {
        let deadQueue = try await queue(dead)
        let source = try await queue(name) {
            $0.redrivePolicy = QueueAttributes.RedrivePolicy(deadLetterQueue: deadQueue, maxReceiveCount: count)
        }
        return (source, deadQueue)
    }

    /// Returns the task once it has ended this way.
    @discardableResult
    func ends(_ task: MessageMoveTask, _ status: MessageMoveTask.Status) async throws -> MessageMoveTask {
        try await until("the task is \(status)") {
            try await engine.moveTasks(of: task.source, limit: 10).first { $0.id == task.id }?.status == status
        }
        return try #require(try await engine.moveTasks(of: task.source, limit: 10).first { $0.id == task.id })
    }
}
