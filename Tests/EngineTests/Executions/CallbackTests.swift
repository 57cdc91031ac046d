import Engine
import JSONCore
import StatesInterpreter
import Store
import TestSupport
import Testing
import TimeSource

@Suite("Callbacks by task token") struct CallbackTests {
    private static let definition = Definitions.task(
        #""Parameters": {"FunctionName": "f", "Payload": {"token.$": "$$.Task.Token"}}, "HeartbeatSeconds": 30"#,
        resource: "arn:aws:states:::lambda:invoke.waitForTaskToken")

    private static let submitted = JSONDocument(.object(JSONObject()))
    private static let output = JSONDocument(.bool(true))

    private func issuedToken(of effects: ScriptedEffects, in life: EngineLife) async throws -> String {
        try await life.eventually("the effect is performed") { !effects.calls.isEmpty }
        return try #require(effects.calls.last?.request.taskToken)
    }

    private func succeed(_ token: String, in life: EngineLife) async throws {
        try await life.engine.completeTask(token: token, account: EngineStory.account) { .taskSucceeded($0, output: CallbackTests.output) }
    }

    @Test func aCallbackCompletesTheTaskOnce() async throws {
        let effects = ScriptedEffects { _ in .submitted(CallbackTests.submitted) }
        try await EngineStory().life(effects) { life async throws in
            try await life.start(try await life.machine(CallbackTests.definition), name: "a")
            let token = try await issuedToken(of: effects, in: life)
            try await succeed(token, in: life)
            #expect(try await life.end(of: "a") == "SUCCEEDED true")
            await #expect(throws: EngineError.taskTimedOut) { try await succeed(token, in: life) }
        }
    }

    @Test func aCallbackMayComeBeforeTheOutcomeOfTheDispatch() async throws {
        for kind in [EffectClass.deduplicated, .unrepeatable] {
            let effects = ScriptedEffects(kind) { _ in await ScriptedEffects.hang() }
            try await EngineStory().life(effects) { life async throws in
                try await life.start(try await life.machine(CallbackTests.definition), name: "a")
                try await succeed(try await issuedToken(of: effects, in: life), in: life)
                #expect(try await life.end(of: "a") == "SUCCEEDED true")
                #expect(try await life.outbox() == [])
                let events = try await life.history("a").map(\.type)
                #expect(events.contains(.taskStarted) && events.contains(.taskSucceeded))
            }
        }
    }

    @Test func aCallbackAfterARestartReachesAnExecutionThatIsNotInMemory() async throws {
        let story = try EngineStory()
        let effects = ScriptedEffects { _ in .submitted(CallbackTests.submitted) }
        let token = try await story.life(effects) { life async throws in
            try await life.start(try await life.machine(CallbackTests.definition), name: "a")
            let token = try await issuedToken(of: effects, in: life)
            try await life.eventually("the dispatch is stored") { try await life.outbox() == [] }
            return token
        }
        try await story.life { life async throws in
            try await succeed(token, in: life)
            #expect(try await life.end(of: "a") == "SUCCEEDED true")
        }
    }

    @Test func aForgedTokenIsNobodys() async throws {
        let effects = ScriptedEffects { _ in .submitted(CallbackTests.submitted) }
        try await EngineStory().life(effects) { life async throws in
            try await life.start(try await life.machine(CallbackTests.definition), name: "a")
            let token = try await issuedToken(of: effects, in: life)
            for forged in ["", "A", "zz", String(token.dropLast()), String(token.dropLast(2)) + "00", token.lowercased()]
            where forged != token {
                await #expect(throws: EngineError.taskDoesNotExist) { try await succeed(forged, in: life) }
            }
            await #expect(throws: EngineError.taskDoesNotExist) {
                try await life.engine.completeTask(token: token, account: "111111111111") { .heartbeat($0) }
            }
        }
    }

    @Test func heartbeatsKeepATaskAliveAndTheirEndFailsIt() async throws {
        let effects = ScriptedEffects { _ in .submitted(CallbackTests.submitted) }
        var configuration = EngineConfiguration()
        configuration.hotBytes = 0
        try await EngineStory().life(effects, configuration: configuration) { life async throws in
            try await life.start(try await life.machine(CallbackTests.definition), name: "a")
            let token = try await issuedToken(of: effects, in: life)
            try await life.eventually("the dispatch is stored") { try await life.outbox() == [] }
            for _ in 0..<10 {
                try await life.engine.completeTask(token: token, account: EngineStory.account) { .heartbeat($0) }
                for _ in 0..<20 {
                    life.clock.advance(by: .seconds(1))
                    await Task.yield()
                }
            }
            #expect(try await life.outcome("a") == "RUNNING")
            #expect(try await life.end(of: "a", letsTimePass: true) == "FAILED States.Timeout")
            #expect(try await life.timers() == [])
        }
    }

    @Test func afterDowntimeAHeartbeatHasAFullIntervalOfGrace() async throws {
        let story = try EngineStory()
        let effects = ScriptedEffects { _ in .submitted(CallbackTests.submitted) }
        let token = try await story.life(effects) { life async throws in
            try await life.start(try await life.machine(CallbackTests.definition), name: "a")
            let token = try await issuedToken(of: effects, in: life)
            try await life.eventually("the dispatch is stored") { try await life.outbox() == [] }
            return token
        }
        story.clock.advance(by: .seconds(3_600))
        try await story.life { life async throws in
            for _ in 0..<200 {
                life.clock.advance(by: .milliseconds(100))
                await Task.yield()
            }
            #expect(try await life.outcome("a") == "RUNNING")
            try await succeed(token, in: life)
            #expect(try await life.end(of: "a") == "SUCCEEDED true")
        }
    }

    @Test func afterDowntimeASilentWorkerIsFoundOutInTheEnd() async throws {
        let story = try EngineStory()
        let effects = ScriptedEffects { _ in .submitted(CallbackTests.submitted) }
        try await story.life(effects) { life async throws in
            try await life.start(try await life.machine(CallbackTests.definition), name: "a")
            _ = try await issuedToken(of: effects, in: life)
            try await life.eventually("the dispatch is stored") { try await life.outbox() == [] }
        }
        try await story.life { life async throws in
            #expect(try await life.end(of: "a", letsTimePass: true) == "FAILED States.Timeout")
            #expect(try await life.timers() == [])
        }
    }
}
