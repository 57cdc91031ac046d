import Engine
import Store
import Testing
import TimeSource

@Suite("Consumers that wait at queues")
struct QueueWaitingTests {
    @Test("A message that is sent reaches the consumer who waits, in the order of arrival")
    func wakes() async throws {
        try await QueueStory().life { life in
            let queue = try await life.queue("q")
            try await withThrowingTaskGroup(of: (Int, [String]).self) { group in
                for number in 0..<5 {
                    group.addTask { (number, try await life.wait(at: queue).map(\.body)) }
                    try await life.until("it waits") { life.engine.waitingConsumers == number + 1 }
                }
                for number in 0..<5 { try await life.send("\(number)", to: queue) }
                var served: [Int: [String]] = [:]
                for try await (number, bodies) in group { served[number] = bodies }
                #expect(served == [0: ["0"], 1: ["1"], 2: ["2"], 3: ["3"], 4: ["4"]])
            }
            #expect(life.engine.waitingConsumers == 0)
        }
    }

    @Test("A wait ends empty when its time is over, the queue's own where the request names none")
    func ends() async throws {
        try await QueueStory().life { life in
            let queue = try await life.queue("q") { $0.receiveWait = .seconds(3) }
            try await withThrowingTaskGroup(of: [ReceivedMessage].self) { group in
                group.addTask { try await life.engine.receive(ReceiveRequest(queue: queue)) }
                group.addTask { try await life.wait(at: queue, .seconds(20)) }
                try await life.until("both wait") { life.engine.waitingConsumers == 2 }
                life.clock.advance(by: .milliseconds(2_999))
                for _ in 0..<100 { await Task.yield() }
                #expect(life.engine.waitingConsumers == 2)
                life.clock.advance(by: .milliseconds(1))
                #expect(try await group.next() == [])
                #expect(life.engine.waitingConsumers == 1)
                life.clock.advance(by: .seconds(17))
                #expect(try await group.next() == [])
            }
        }
    }

    @Test("A delayed message, and one that comes back, reach the consumer who waits")
    func dues() async throws {
        try await QueueStory().life { life in
            let queue = try await life.queue("q") { $0.visibilityTimeout = .seconds(5) }
            for delay in [Duration.seconds(10), .zero] {
                try await life.send("a", to: queue, delay: delay)
                if delay == .zero { _ = try await life.receive(from: queue) }
                try await withThrowingTaskGroup(of: [ReceivedMessage].self) { group in
                    group.addTask { try await life.wait(at: queue, .seconds(20)) }
                    try await life.until("it waits") { life.engine.waitingConsumers == 1 }
                    life.clock.advance(by: delay == .zero ? .seconds(5) : delay)
                    let messages = try #require(try await group.next())
                    #expect(messages.map(\.body) == ["a"])
                    try await life.delete(try #require(messages.first), from: queue)
                }
            }
        }
    }

    @Test("A message that is given back reaches the consumer who waits")
    func givenBack() async throws {
        try await QueueStory().life { life in
            let queue = try await life.queue("q")
            try await life.send("a", to: queue)
            let message = try #require(try await life.receive(from: queue).first)
            async let waiting = life.wait(at: queue)
            try await life.until("it waits") { life.engine.waitingConsumers == 1 }
            try await life.hide(message, for: .zero, in: queue)
            #expect(try await waiting.map(\.receiveCount) == [2])
        }
    }

    @Test("A consumer who is cancelled takes nothing")
    func cancelled() async throws {
        try await QueueStory().life { life in
            let queue = try await life.queue("q")
            let task = Task { try await life.wait(at: queue) }
            try await life.until("it waits") { life.engine.waitingConsumers == 1 }
            task.cancel()
            #expect(try await task.value == [])
            try await life.send("a", to: queue)
            #expect(try await life.counts(queue) == [1, 0, 0])
            #expect(life.engine.waitingConsumers == 0)
        }
    }

    @Test("Who waits is let go when the queue is deleted, and when the server stops")
    func letGo() async throws {
        let story = try QueueStory()
        let left = try await story.life { life in
            let (queue, other) = (try await life.queue("q"), try await life.queue("p"))
            for name in [queue, other] { _ = try await life.counts(name) }
            async let waiting = life.wait(at: queue)
            try await life.until("it waits") { life.engine.waitingConsumers == 1 }
            try await life.engine.delete(queue)
            #expect(try await waiting == [])
            let left = Task { try await life.wait(at: other) }
            try await life.until("it waits") { life.engine.waitingConsumers == 1 }
            return left
        }
        #expect(try await left.value == [])
    }

    @Test("When as many messages are in flight as may be, short polls of standard queues are refused, and others wait")
    func overLimit() async throws {
        var limits = QueueEngine.Limits()
        limits.queue.inFlight = 2
        limits.queue.orderedInFlight = 2
        try await QueueStory().life(limits: limits) { life in
            for name in ["q", "q.fifo"] {
                let queue = try await life.queue(name)
                try await life.send("1", to: queue, group: "a")
                try await life.send("2", to: queue, group: "b")
                try await life.send("3", to: queue, group: "c")
                let taken = try await life.receive(from: queue)
                #expect(taken.count == 2)
                if queue.isFIFO {
                    #expect(try await life.receive(from: queue) == [])
                } else {
                    await #expect(throws: QueueError.overLimit(queue)) { try await life.receive(from: queue) }
                }
                async let waiting = life.wait(at: queue)
                try await life.until("it waits") { life.engine.waitingConsumers == 1 }
                try await life.delete(taken[0], from: queue)
                #expect(try await waiting.map(\.body) == ["3"])
            }
        }
    }

    @Test("Ten thousand consumers wait, and each gets one message of as many")
    func many() async throws {
        let count = 10_000
        try await QueueStory().life { life in
            let queue = try await life.queue("q")
            try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<count { group.addTask { try await life.wait(at: queue).map(\.body) } }
                try await life.until("all wait") { life.engine.waitingConsumers == count }
                for start in stride(from: 0, to: count, by: 100) { try await life.send((start..<start + 100).map(String.init), to: queue) }
                var bodies: [String] = []
                for try await some in group { bodies += some }
                #expect(Set(bodies).count == count && bodies.count == count)
            }
            #expect(try await life.counts(queue) == [0, count, 0])
        }
    }
}

extension QueueLife {
    /// Receives one message, waiting for it.
    func wait(at queue: QueueName, _ duration: Duration = .seconds(20)) async throws -> [ReceivedMessage] {
        try await engine.receive(ReceiveRequest(queue: queue, wait: duration))
    }
}
