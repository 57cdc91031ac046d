import Engine
import StatesInterpreter
import Store
import TestSupport
import Testing
import TimeSource

@Suite("Held after a restore") struct HoldTests {
    private let twice = """
        {"StartAt":"A","States":{"A":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:000000000000:function:f","Next":"B"},
        "B":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:000000000000:function:f","End":true}}}
        """

    private static func held(_ generation: Int64 = 1) -> HoldGate { HoldGate(isHeld: true, generation: generation) }

    @Test(arguments: [EffectClass.deduplicated, .unrepeatable])
    func aNewExecutionRunsUpToItsFirstEffect(_ kind: EffectClass) async throws {
        let effects = ScriptedEffects(kind)
        let hold = HoldTests.held()
        try await EngineStory().life(effects, hold: hold) { life async throws in
            try await life.start(try await life.machine(Definitions.task), name: "a")
            try await life.start(try await life.machine(Definitions.pass, name: "p"), name: "p")
            #expect(try await life.end(of: "p", machine: 2) == "SUCCEEDED {}")
            #expect(try await life.outbox() == ["1 pending"])
            #expect(effects.calls.isEmpty)
            hold.release(at: life.clock.now)
            #expect(try await life.end(of: "a") == "SUCCEEDED {}")
            #expect(effects.calls.count == 1)
        }
    }

    @Test func whatWasPendingIsSentOnceAfterTheRelease() async throws {
        let story = try EngineStory()
        try await story.life(ScriptedEffects { _ in await ScriptedEffects.hang() }) { life async throws in
            for name in ["a", "b", "c"] { try await life.start(try await life.machine(Definitions.task), name: name) }
        }
        let effects = ScriptedEffects()
        let hold = HoldTests.held()
        try await story.life(effects, hold: hold) { life async throws in
            try await life.eventually("readiness") { life.engine.isReady }
            #expect(effects.calls.isEmpty)
            #expect(try await life.outbox().count == 3)
            hold.release(at: life.clock.now)
            for name in ["a", "b", "c"] { #expect(try await life.end(of: name) == "SUCCEEDED {}") }
            #expect(effects.calls.count == 3)
        }
    }

    @Test func anEffectOfUnknownOutcomeIsDecidedAfterTheRelease() async throws {
        let story = try EngineStory()
        try await story.life(ScriptedEffects(.unrepeatable) { _ in await ScriptedEffects.hang() }) { life async throws in
            try await life.start(try await life.machine(Definitions.task), name: "a")
            try await life.eventually("the start of the effect") { try await life.outbox() == ["1 started"] }
        }
        let hold = HoldTests.held()
        try await story.life(ScriptedEffects(.unrepeatable), hold: hold) { life async throws in
            try await life.eventually("readiness") { life.engine.isReady }
            #expect(try await life.outcome("a") == "RUNNING")
            hold.release(at: life.clock.now)
            #expect(try await life.end(of: "a").hasPrefix("FAILED Lambda.Unknown"))
        }
    }

    @Test func timersWaitForTheRelease() async throws {
        let story = try EngineStory()
        try await story.life { life async throws in try await life.start(try await life.machine(Definitions.wait(seconds: 5)), name: "a") }
        let hold = HoldTests.held()
        try await story.life(hold: hold) { life async throws in
            try await life.eventually("readiness") { life.engine.isReady }
            for _ in 0..<50 {
                life.clock.advance(by: .seconds(1))
                await Task.yield()
            }
            #expect(try await life.outcome("a") == "RUNNING")
            hold.release(at: life.clock.now)
            #expect(try await life.end(of: "a", letsTimePass: true) == "SUCCEEDED {}")
        }
    }

    @Test func anExecutionCanBeStoppedWhileHeld() async throws {
        let story = try EngineStory()
        try await story.life(ScriptedEffects { _ in await ScriptedEffects.hang() }) { life async throws in
            try await life.start(try await life.machine(Definitions.task), name: "a")
        }
        let effects = ScriptedEffects()
        let hold = HoldTests.held()
        try await story.life(effects, hold: hold) { life async throws in
            let record = try #require(try await life.record("a"))
            _ = try await life.engine.stopExecution(record.id, error: "Stopped", cause: nil)
            #expect(try await life.outbox() == [])
            hold.release(at: life.clock.now)
            try await life.start(try await life.machine(Definitions.task), name: "b")
            #expect(try await life.end(of: "b") == "SUCCEEDED {}")
            #expect(effects.calls.count == 1)
            #expect(try await life.outcome("a") == "ABORTED Stopped")
        }
    }

    @Test func effectsDecidedAfterARestoreHaveNumbersThatNoneHadBefore() async throws {
        let story = try EngineStory()
        try await story.life(ScriptedEffects { _ in await ScriptedEffects.hang() }) { life async throws in
            try await life.start(try await life.machine(twice), name: "a")
        }
        let effects = ScriptedEffects()
        let gate = HoldGate(isHeld: false, generation: 3)
        try await story.life(effects, hold: gate) { life async throws in _ = try await life.end(of: "a") }
        let numbers = effects.calls.map(\.request.effect.rawValue)
        // The first one was decided before the backup: it keeps the key by which its receiver knows it.
        #expect(numbers == [1, 3 << 32])
    }

    @Test func aReleaseEndsAllWaitsAndACancelledWaitEndsByItself() async {
        let gate = HoldTests.held()
        let waits = (0..<5).map { _ in Task { await gate.wait() } }
        let cancelled = Task { await gate.wait() }
        cancelled.cancel()
        await cancelled.value
        #expect(gate.isHeld)
        gate.release(at: Timestamp(milliseconds: 7))
        gate.release(at: Timestamp(milliseconds: 8))
        for wait in waits { await wait.value }
        await gate.wait()
        #expect(!gate.isHeld)
        #expect(gate.releasedAt == Timestamp(milliseconds: 7))
    }
}
