import Engine
import JSONCore
import Store
import Synchronization
import Testing
import TimeSource

/// Ticks on manual time, with servers that crash.
struct ScheduleTickerTests {
    @Test("Ten ticks with restarts in between: none is doubled, and one that came too late is recorded as missed")
    func tenTicks() async throws {
        let story = try ScheduleStory()
        try await story.life { try await $0.putRule("minutely", "rate(1 minute)") }
        for tick in 1...10 {
            // Nobody was there at the fifth tick, until more than a minute later.
            story.clock.advance(by: tick == 5 ? .milliseconds(60_000) : tick == 6 ? .milliseconds(60_001) : .seconds(60))
            if tick == 5 { continue }
            try await story.life { life in
                _ = try await life.ticker.fireDue()
                // Every other server dies between the commit and the delivery.
                if tick % 2 == 0 { try await life.deliver() }
                _ = try await life.ticker.fireDue()
            }
        }
        let ticks = try await story.life { life in
            try await life.deliver()
            return try await life.ticks("minutely")
        }
        #expect(
            ticks == [
                "60 fired", "120 fired", "180 fired", "240 fired", "300 missed", "360 fired", "420 fired", "480 fired", "540 fired",
                "600 fired",
            ])
        let arrived = story.arrived.withLock { $0 }
        #expect(arrived.count == 9)
        #expect(Set(arrived.map(\.id)).count == 9)
    }

    @Test("Each target gets one delivery, a function's as an asynchronous invocation")
    func targets() async throws {
        let story = try ScheduleStory()
        let function = "arn:aws:lambda:us-east-1:000000000000:function:nightly"
        let deliveries = try await story.life { life in
            try await life.putRule(
                "nightly", "rate(1 minute)",
                targets: ["topic": ["Id": "topic"], "function": ["Id": "function", "Arn": .text(function), "Input": #"{"run":1}"#]])
            story.clock.advance(by: .seconds(60))
            _ = try await life.ticker.fireDue()
            return try await life.waiting()
        }
        #expect(deliveries.count == 2)
        let invocation = try #require(deliveries.first { $0.kind == FunctionDelivery.kind })
        #expect(FunctionDelivery(encoded: invocation.body)?.functionARN == function)
        #expect(FunctionDelivery(encoded: invocation.body)?.payload == Array(#"{"run":1}"#.utf8))
        let publication = try #require(deliveries.first { $0.kind == RuleTargetDelivery.kind })
        let event = try JSONParser.parse(try #require(RuleTargetDelivery(encoded: publication.body)).input)
        #expect(event["detail-type"]?.text == "Scheduled Event")
        #expect(event["source"]?.text == "aws.events")
        #expect(event["resources"] == ["arn:aws:events:us-east-1:000000000000:rule/nightly"])
        #expect(event["time"]?.text == "2026-11-20T22:01:00Z")
        #expect(event["detail"] == [:])
    }

    @Test("Servers that look at the same time fire a tick once")
    func rivals() async throws {
        let story = try ScheduleStory()
        try await story.life { life in
            try await life.putRule("minutely", "rate(1 minute)")
            story.clock.advance(by: .seconds(60))
            let rivals = (0..<8).map { _ in ScheduleLife(story: story, database: life.database) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for rival in rivals { group.addTask { _ = try await rival.ticker.fireDue() } }
                try await group.waitForAll()
            }
            #expect(try await life.waiting().count == 1)
            #expect(try await life.ticks("minutely") == ["60 fired"])
        }
    }

    @Test("A tick whose commit was applied without an answer is delivered once")
    func lostAnswer() async throws {
        let story = try ScheduleStory()
        try await story.life { life in
            let database = ForgetfulDatabase(life.database)
            let life = ScheduleLife(story: story, database: database)
            try await life.putRule("minutely", "rate(1 minute)")
            story.clock.advance(by: .seconds(60))
            database.loseAnswers(1)
            async let fired = life.ticker.fireDue()
            // It waits a second before it looks again.
            await story.clock.sleepers(atLeast: 1)
            story.clock.advance(by: .seconds(1))
            _ = try await fired
            try await life.deliver()
            #expect(try await life.ticks("minutely") == ["60 fired"])
        }
        #expect(story.arrived.withLock { $0.count } == 1)
    }

    @Test("A clock that was set back fires no tick twice, and does not silence the rule")
    func clockSetBack() async throws {
        let story = try ScheduleStory()
        let start = story.clock.now
        try await story.life { life in
            try await life.putRule("minutely", "rate(1 minute)")
            for _ in 1...3 {
                story.clock.advance(by: .seconds(60))
                _ = try await life.ticker.fireDue()
            }
            // A clock that was a day ahead for a moment.
            story.clock.setWallClock(to: start + .seconds(86_400))
            _ = try await life.ticker.fireDue()
        }
        // Set back to the first minute; the server starts again.
        story.clock.setWallClock(to: start + .seconds(59))
        try await story.life { life in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await life.ticker.run() }
                for _ in 0..<301 {
                    await story.clock.sleepers(atLeast: 1)
                    story.clock.advance(by: .seconds(1))
                }
                try await eventually { try await life.ticks("minutely").count == 7 }
                group.cancelAll()
            }
            #expect(
                try await life.ticks("minutely") == [
                    "60 fired", "120 fired", "180 fired", "240 missed", "300 fired", "360 fired", "86400 fired",
                ])
        }
    }

    @Test("A disabled rule does not tick, and counts anew once it is enabled; a deleted one never does")
    func disabled() async throws {
        let story = try ScheduleStory()
        try await story.life { life in
            let rule = try await life.putRule("minutely", "rate(1 minute)")
            story.clock.advance(by: .seconds(30))
            try await life.setState(.disabled, of: "minutely")
            story.clock.advance(by: .seconds(600))
            _ = try await life.ticker.fireDue()
            #expect(try await life.ticks("minutely").isEmpty)
            try await life.setState(.enabled, of: "minutely")
            story.clock.advance(by: .seconds(60))
            _ = try await life.ticker.fireDue()
            #expect(try await life.ticks("minutely") == ["690 fired"])
            let present = try #require(try await life.database.read { try RuleStore.find(id: rule.id, in: $0) })
            try await life.database.apply(RuleStore.delete(present))
            story.clock.advance(by: .seconds(600))
            _ = try await life.ticker.fireDue()
            #expect(try await life.ticks("minutely").isEmpty)
            #expect(try await life.database.read { try ScheduleStore.due(limit: 10, in: $0) }.isEmpty)
        }
    }

    @Test("A rule that is changed while the ticker sleeps is noticed at once")
    func wakes() async throws {
        let story = try ScheduleStory()
        try await story.life { life in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await life.ticker.run() }
                await story.clock.sleepers(atLeast: 1)
                try await life.putRule("minutely", "rate(1 minute)")
                life.ticker.wake()
                story.clock.advance(by: .seconds(60))
                life.ticker.wake()
                try await eventually { try await !life.ticks("minutely").isEmpty }
                group.cancelAll()
            }
        }
    }

    @Test("Many rules that are due together all fire")
    func crowd() async throws {
        let story = try ScheduleStory()
        try await story.life { life in
            for number in 0..<250 { try await life.putRule("r\(number)", "cron(0 23 * * ? *)") }
            story.clock.advance(by: .seconds(3_600))
            _ = try await life.ticker.fireDue()
            #expect(try await life.waiting().count == 250)
        }
    }
}
