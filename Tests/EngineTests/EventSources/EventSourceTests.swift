import Engine
import JSONCore
import Logging
import Store
import TestSupport
import Testing
import TimeSource

/// Stories of mappings: messages of queues on their way to functions.
@Suite struct EventSourceTests {
    /// Lets a function be fed by a queue while `body` runs.
    private static func feeding(
        _ function: FunctionDouble, _ life: QueueLife, _ queue: QueueName, hold: HoldGate = HoldGate(),
        _ change: (inout QueueMappingSettings) -> Void = { _ in }, _ body: (EventSources, EventSourceMappingRecord) async throws -> Void
    ) async throws {
        var settings = QueueMappingSettings()
        change(&settings)
        let record = EventSourceMappingRecord(
            id: "m", account: QueueLife.account, source: queue.arn(region: "us-east-1"), function: "f", state: .enabled,
            modifiedAt: .epoch, settings: settings.encoded)
        let clock = EngineClock(source: life.clock, highWaterMark: .epoch)
        let sources = EventSources(
            database: life.database, queues: life.engine, invoker: function, clock: clock,
            identifiers: IdentifierSource(clock: life.clock, random: SeededRandomSource(seed: 1)), ceiling: 10, hold: hold,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        _ = try? await life.database.apply([EventSourceMappingStore.create(record)])
        try await sources.load()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await sources.run() }
            defer { group.cancelAll() }
            try await body(sources, record)
        }
    }

    @Test func aBatchIsToldAsOnAWSAndDeletedWhenItWasProcessed() async throws {
        try await QueueStory().life { life in
            let queue = try await life.queue("q")
            let function = FunctionDouble()
            try await Self.feeding(function, life, queue) { _, _ in
                _ = try await life.engine.send([
                    OutgoingMessage(
                        queue: queue, body: "{\"n\":1}",
                        attributes: [
                            QueueMessageAttribute(name: "a", dataType: "String", value: .string("x")),
                            QueueMessageAttribute(name: "b", dataType: "Binary", value: .binary([1])),
                        ], senderID: "AIDA")
                ])
                try await life.until("a call") { function.waiting.count == 1 }
                let call = try #require(function.take())
                let record = try #require(call.records.first)
                #expect(record["body"] == "{\"n\":1}")
                #expect(record["eventSource"] == "aws:sqs")
                #expect(record["eventSourceARN"] == "arn:aws:sqs:us-east-1:000000000000:q")
                #expect(record["awsRegion"] == "us-east-1")
                #expect(record["md5OfBody"] == "2e49a07a3c67053c5e6e1fbf1ed4f5ae" || record["md5OfBody"]?.text?.utf8.count == 32)
                #expect(record["attributes"]?["ApproximateReceiveCount"] == "1")
                #expect(record["attributes"]?["SenderId"] == "AIDA")
                #expect(
                    record["messageAttributes"]?["a"]
                        == ["stringValue": "x", "stringListValues": [], "binaryListValues": [], "dataType": "String"])
                #expect(record["messageAttributes"]?["b"]?["binaryValue"] == "AQ==")
                #expect(try await life.counts(queue) == [0, 1, 0])
                call.answer(.succeeded(payload: []))
                try await life.until("deletion") { try await life.counts(queue) == [0, 0, 0] }
            }
        }
    }

    @Test func whatAFunctionFailsAtComesBackAfterTheVisibilityTimeout() async throws {
        try await QueueStory().life { life in
            let queue = try await life.queue("q") { $0.visibilityTimeout = .seconds(10) }
            let function = FunctionDouble(.failed(reason: "no"))
            try await Self.feeding(function, life, queue) { _, _ in
                try await life.send("a", to: queue)
                try await life.until("a call") { function.seen.count == 1 }
                #expect(try await life.counts(queue) == [0, 1, 0])
                function.answer(.succeeded(payload: []))
                life.clock.advance(by: .seconds(10))
                try await life.until("deletion") { try await life.counts(queue) == [0, 0, 0] }
                #expect(function.seen == [["a"], ["a"]])
            }
        }
    }

    @Test func onlyWhatTheFunctionNamesComesBack() async throws {
        try await QueueStory().life { life in
            let queue = try await life.queue("q") { $0.visibilityTimeout = .seconds(10) }
            try await life.send("a", "b", "c", to: queue)
            let function = FunctionDouble()
            try await Self.feeding(function, life, queue, { $0.reportsItemFailures = true }) { _, _ in
                try await life.until("a call") { function.waiting.count == 1 }
                let call = try #require(function.take())
                #expect(call.bodies == ["a", "b", "c"])
                call.answer(.succeeded(payload: Array("{\"batchItemFailures\":[{\"itemIdentifier\":\"\(call.ids[1])\"}]}".utf8)))
                try await life.until("deletion") { try await life.counts(queue) == [0, 1, 0] }
                life.clock.advance(by: .seconds(10))
                try await life.until("a call") { function.waiting.count == 1 }
                #expect(function.take()?.bodies == ["b"])
            }
        }
    }

    @Test func messagesThatAreFilteredOutAreDeletedUnseen() async throws {
        try await QueueStory().life { life in
            let queue = try await life.queue("q")
            try await life.send("a", "b", to: queue)
            let function = FunctionDouble(.succeeded(payload: []))
            try await Self.feeding(function, life, queue, { $0.patterns = ["{\"body\": [\"b\"]}"] }) { _, _ in
                try await life.until("deletion") { try await life.counts(queue) == [0, 0, 0] }
                #expect(function.seen == [["b"]])
            }
        }
    }

    @Test func aGroupOfAFIFOQueueHasOneBatchAtATime() async throws {
        try await QueueStory().life { life in
            let queue = try await life.queue("q.fifo")
            try await life.send(["a1", "a2"], to: queue, group: "a")
            try await life.send(["b1"], to: queue, group: "b")
            let function = FunctionDouble()
            try await Self.feeding(function, life, queue, { $0.batchSize = 1 }) { _, _ in
                try await life.until("two calls") { function.waiting.count == 2 }
                // Both are called at once, in any order.
                #expect(Set(function.waiting.map(\.bodies)) == [["a1"], ["b1"]])
                let first = try #require(function.take(["a1"]))
                #expect(first.records.first?["attributes"]?["MessageGroupId"] == "a")
                first.answer(.succeeded(payload: []))
                try await life.until("the next of the group") { function.waiting.map(\.bodies) == [["b1"], ["a2"]] }
            }
        }
    }

    @Test func noMoreBatchesThanTheMappingAllows() async throws {
        try await QueueStory().life { life in
            let queue = try await life.queue("q")
            try await life.send((0..<6).map { "\($0)" }, to: queue)
            let function = FunctionDouble()
            try await Self.feeding(
                function, life, queue,
                { settings in
                    settings.batchSize = 1
                    settings.maximumConcurrency = 2
                }
            ) { _, _ in
                try await life.until("two calls") { function.waiting.count == 2 }
                #expect(try await life.counts(queue) == [4, 2, 0])
                function.take()?.answer(.succeeded(payload: []))
                try await life.until("another") { function.waiting.count == 2 }
                #expect(try await life.counts(queue) == [3, 2, 0])
            }
        }
    }

    @Test func aWindowCollectsUntilTheBatchIsFullOrItsTimeIsOver() async throws {
        try await QueueStory().life { life in
            let queue = try await life.queue("q") { $0.visibilityTimeout = .seconds(100) }
            let function = FunctionDouble(.succeeded(payload: []))
            try await Self.feeding(
                function, life, queue,
                { settings in
                    settings.batchSize = 3
                    settings.batchingWindow = .seconds(5)
                }
            ) { _, _ in
                try await life.send("a", to: queue)
                try await life.until("receipt") { try await life.counts(queue) == [0, 1, 0] }
                try await life.send("b", "c", to: queue)
                try await life.until("a full batch") { function.seen.count == 1 }
                #expect(function.seen == [["a", "b", "c"]])
                try await life.send("d", to: queue)
                try await life.until("receipt") { try await life.counts(queue).prefix(1) == [0] }
                #expect(function.seen.count == 1)
                // The poller asks the clock only when it sleeps, so the time goes on in small steps.
                try await life.until("a late batch") {
                    life.clock.advance(by: .milliseconds(50))
                    return function.seen.count == 2
                }
                #expect(function.seen.last == ["d"])
            }
        }
    }

    @Test func aThrottledFunctionIsAskedAgainWithTheSameMessages() async throws {
        try await QueueStory().life { life in
            let queue = try await life.queue("q") { $0.visibilityTimeout = .seconds(100) }
            let function = FunctionDouble(.notStarted(reason: "full"))
            try await Self.feeding(function, life, queue) { _, _ in
                try await life.send("a", to: queue)
                try await life.until("a call") { function.seen.count == 1 }
                function.answer(nil)
                try await life.until("another call") {
                    life.clock.advance(by: .milliseconds(50))
                    return function.waiting.count == 1
                }
                let call = try #require(function.take())
                #expect(call.records.first?["attributes"]?["ApproximateReceiveCount"] == "1")
                call.answer(.succeeded(payload: []))
                try await life.until("deletion") { try await life.counts(queue) == [0, 0, 0] }
            }
        }
    }

    @Test func aDisabledMappingEndsWhatRunsAndTakesNoMore() async throws {
        try await QueueStory().life { life in
            let queue = try await life.queue("q")
            try await life.send("a", to: queue)
            let function = FunctionDouble()
            try await Self.feeding(function, life, queue) { sources, record in
                try await life.until("a call") { function.waiting.count == 1 }
                var changed = record
                changed.version = 2
                changed.state = .disabled
                sources.apply(changed)
                #expect(sources.isPolling(record.id))
                function.take()?.answer(.succeeded(payload: []))
                try await life.until("the end") { !sources.isPolling(record.id) }
                try await life.send("b", to: queue)
                #expect(try await life.counts(queue) == [1, 0, 0])
                changed.version = 3
                changed.state = .enabled
                sources.apply(changed)
                try await life.until("another call") { function.waiting.map(\.bodies) == [["b"]] }
            }
        }
    }

    @Test func aDeletedMappingGoesWhenItsLastBatchHasEnded() async throws {
        try await QueueStory().life { life in
            let queue = try await life.queue("q")
            try await life.send("a", to: queue)
            let function = FunctionDouble()
            try await Self.feeding(function, life, queue) { sources, record in
                try await life.until("a call") { function.waiting.count == 1 }
                var changed = record
                changed.version = 2
                changed.state = .deleting
                try await life.database.apply([EventSourceMappingStore.update(changed)])
                sources.apply(changed)
                #expect(try await life.rows("event_source_mapping") == 1)
                function.take()?.answer(.succeeded(payload: []))
                try await life.until("the row's end") { try await life.rows("event_source_mapping") == 0 }
                #expect(try await life.counts(queue) == [0, 0, 0])
            }
        }
    }

    @Test func withoutItsFunctionAQueueIsLeftAlone() async throws {
        try await QueueStory().life { life in
            let queue = try await life.queue("q")
            let function = FunctionDouble(.succeeded(payload: []))
            function.remove()
            try await life.send("a", to: queue)
            try await Self.feeding(function, life, queue) { _, _ in
                await life.clock.sleepers(atLeast: 1)
                #expect(try await life.counts(queue) == [1, 0, 0])
                function.remove(false)
                try await life.until("a call") {
                    life.clock.advance(by: .milliseconds(100))
                    return function.seen.count == 1
                }
            }
        }
    }

    @Test func restoredDataWaitsForItsRelease() async throws {
        try await QueueStory().life { life in
            let queue = try await life.queue("q")
            try await life.send("a", to: queue)
            let function = FunctionDouble(.succeeded(payload: []))
            let hold = HoldGate(isHeld: true)
            try await Self.feeding(function, life, queue, hold: hold) { _, _ in
                for _ in 0..<1_000 { await Task.yield() }
                #expect(function.seen.isEmpty)
                hold.release(at: .epoch)
                try await life.until("a call") { function.seen.count == 1 }
            }
        }
    }

    @Test func whatACrashCutsOffComesAgain() async throws {
        let story = try QueueStory()
        try await story.life { life in
            let queue = try await life.queue("q") { $0.visibilityTimeout = .seconds(10) }
            try await life.send("a", to: queue)
            let function = FunctionDouble()
            try await Self.feeding(function, life, queue) { _, _ in
                try await life.until("a call") { function.waiting.count == 1 }
                // The server dies while the function runs.
                life.database.cut()
            }
        }
        story.source.advance(by: .seconds(10))
        try await story.life { life in
            let queue = try await life.queue("q")
            let function = FunctionDouble()
            try await Self.feeding(function, life, queue) { _, _ in
                try await life.until("a call") { function.waiting.count == 1 }
                let call = try #require(function.take())
                #expect(call.records.first?["attributes"]?["ApproximateReceiveCount"] == "2")
                call.answer(.succeeded(payload: []))
                try await life.until("deletion") { try await life.counts(queue) == [0, 0, 0] }
            }
        }
    }
}
