import Engine
import StatesInterpreter
import Store
import TestSupport
import Testing
import TimeSource

@Suite("Executions and time") struct TimeTests {
    /// When an execution left a state, in milliseconds after it started.
    private func left(_ name: String, in life: EngineLife) async throws -> Int64? {
        let events = try await life.history(name)
        guard let start = events.first, let exit = events.first(where: { $0.type == .waitStateExited }) else { return nil }
        return (exit.timestamp - start.timestamp).wholeMilliseconds
    }

    @Test func aWaitEndsWhenItIsDueAndNotBefore() async throws {
        try await EngineStory().life { life async throws in
            try await life.start(try await life.machine(Definitions.wait), name: "a")
            #expect(try await life.end(of: "a", letsTimePass: true) == "SUCCEEDED {}")
            let waited = try #require(try await left("a", in: life))
            #expect(waited >= 60_000 && waited < 90_000, "waited for \(waited) ms")
            #expect(try await life.timers() == [])
        }
    }

    @Test func aWaitGoesOnAfterACrash() async throws {
        let story = try EngineStory()
        try await story.life { life async throws in
            try await life.start(try await life.machine(Definitions.wait), name: "a")
            life.clock.advance(by: .seconds(30))
        }
        try await story.life { life async throws in
            #expect(try await life.outcome("a") == "RUNNING")
            #expect(try await life.end(of: "a", letsTimePass: true) == "SUCCEEDED {}")
            let waited = try #require(try await left("a", in: life))
            #expect(waited >= 60_000 && waited < 90_000, "waited for \(waited) ms")
        }
    }

    @Test func aWaitThatWasDueWhileTheServerWasDownEndsAtTheStart() async throws {
        let story = try EngineStory()
        try await story.life { life async throws in try await life.start(try await life.machine(Definitions.wait), name: "a") }
        story.clock.advance(by: .seconds(3_600))
        try await story.life { life async throws in #expect(try await life.end(of: "a") == "SUCCEEDED {}") }
    }

    @Test func aTimerBeyondTheHorizonIsReadFromTheStoreInTime() async throws {
        try await EngineStory().life { life async throws in
            try await life.start(try await life.machine(Definitions.wait(seconds: 600)), name: "a")
            #expect(try await life.end(of: "a", letsTimePass: true) == "SUCCEEDED {}")
            let waited = try #require(try await left("a", in: life))
            #expect(waited >= 600_000 && waited < 660_000, "waited for \(waited) ms")
        }
    }

    @Test func theLimitOfAMachineEndsItsExecution() async throws {
        let definition = #"{"StartAt": "W", "TimeoutSeconds": 5, "States": {"W": {"Type": "Wait", "Seconds": 60, "End": true}}}"#
        let story = try EngineStory()
        try await story.life { life async throws in
            try await life.start(try await life.machine(definition), name: "a")
            #expect(try await life.end(of: "a", letsTimePass: true) == "TIMED_OUT")
            #expect(try await life.timers() == [])
        }
    }

    @Test func theLimitOfATaskFailsItAndItsEffectIsGone() async throws {
        let effects = ScriptedEffects { _ in await ScriptedEffects.hang() }
        try await EngineStory().life(effects) { life async throws in
            try await life.start(try await life.machine(Definitions.task(#""TimeoutSeconds": 5"#)), name: "a")
            #expect(try await life.end(of: "a", letsTimePass: true) == "FAILED States.Timeout")
            #expect(try await life.outbox() == [])
        }
    }

    @Test func aRetryBacksOffByTheClockAlsoAcrossACrash() async throws {
        let definition = Definitions.task(#""Retry": [{"ErrorEquals": ["Flaky"], "IntervalSeconds": 10, "MaxAttempts": 1}]"#)
        let story = try EngineStory()
        try await story.life(ScriptedEffects { _ in .failed(TaskFailure(error: "Flaky", cause: nil)) }) { life async throws in
            try await life.start(try await life.machine(definition), name: "a")
            try await life.eventually("the first attempt has failed") { try await life.outbox() == [] }
        }
        let second = ScriptedEffects()
        try await story.life(second) { life async throws in
            #expect(try await life.end(of: "a", letsTimePass: true) == "SUCCEEDED {}")
            #expect(second.calls.map(\.request.effect.rawValue) == [2])
            let events = try await life.history("a").filter { $0.type == .lambdaFunctionScheduled }
            #expect(events[1].timestamp - events[0].timestamp >= .seconds(10))
        }
    }

    @Test func aWallClockSetBackDelaysNoWait() async throws {
        try await EngineStory().life { life async throws in
            try await life.start(try await life.machine(Definitions.wait), name: "a")
            life.clock.setWallClock(to: life.clock.now - .seconds(7_200))
            // Engine time runs at most 5 % slower than the real one while it follows the wall clock.
            let before = life.clock.monotonic
            _ = try await life.end(of: "a", letsTimePass: true)
            #expect(life.clock.monotonic - before < .seconds(120))
        }
    }

    @Test func aWallClockSetForwardMakesNoWaitEarly() async throws {
        try await EngineStory().life { life async throws in
            try await life.start(try await life.machine(Definitions.wait), name: "a")
            let before = life.clock.monotonic
            life.clock.setWallClock(to: life.clock.now + .seconds(7_200))
            _ = try await life.end(of: "a", letsTimePass: true)
            #expect(life.clock.monotonic - before > .seconds(55))
        }
    }

    @Test func aTimestampWaitsForTheWallClock() async throws {
        let story = try EngineStory()
        let due = story.clock.now + .seconds(3_600)
        let definition = #"{"StartAt": "W", "States": {"W": {"Type": "Wait", "Timestamp": "\#(due.iso8601Seconds)", "End": true}}}"#
        try await story.life { life async throws in
            try await life.start(try await life.machine(definition), name: "a")
            life.clock.setWallClock(to: due - .seconds(5))
            #expect(try await life.outcome("a") == "RUNNING")
            life.clock.setWallClock(to: due)
            #expect(try await life.end(of: "a", letsTimePass: true) == "SUCCEEDED {}")
        }
    }

    @Test func engineTimeFollowsTheWallClockHoweverOftenItIsRead() {
        for step in [1, 7, 19, 20, 100, 1_000] {
            let source = ManualClock()
            let clock = EngineClock(source: source, highWaterMark: .epoch)
            source.setWallClock(to: source.now + .seconds(10))
            let start = clock.now.engine
            for _ in 0..<(100_000 / step) {
                source.advance(by: .milliseconds(step))
                _ = clock.now
            }
            let gained = (clock.now.engine - start).wholeMilliseconds - 100_000
            #expect(gained >= 4_900 && gained <= 5_000, "read every \(step) ms it gained \(gained) ms in 100 s")
        }
    }

    @Test func engineTimeNeverGoesBack() {
        let source = ManualClock()
        let clock = EngineClock(source: source, highWaterMark: source.now + .seconds(100))
        var last = clock.now.engine
        #expect(last == source.now + .seconds(100))
        for step in 0..<500 {
            source.setWallClock(to: source.now + .milliseconds(step % 2 == 0 ? -100_000 : 50_000))
            source.advance(by: .milliseconds(step % 23))
            let now = clock.now.engine
            #expect(now >= last)
            last = now
        }
    }
}
