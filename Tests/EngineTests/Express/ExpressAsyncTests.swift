import Engine
import StatesInterpreter
import Store
import Synchronization
import TestSupport
import Testing
import TimeSource

@Suite("Asynchronous Express executions") struct ExpressAsyncTests {
    @Test func theStartIsStoredUntilTheExecutionIsOver() async throws {
        let (gate, open) = AsyncStream<Void>.makeStream()
        let effects = ScriptedEffects { call in
            for await _ in gate {}
            return .succeeded(call.request.parameters.document)
        }
        try await ExpressStory().life(effects) { life async throws in
            let started = try await life.start(try await life.machine(Definitions.task), name: "a")
            #expect(started.arn.hasPrefix("arn:aws:states:us-east-1:000000000000:express:m:a:"))
            #expect(try await life.starts() == ["a"])
            open.finish()
            try await life.eventually("the row is deleted", letsTimePass: true) { try await life.starts() == [] }
            #expect(effects.calls.count == 1)
        }
    }

    @Test func aCrashLetsItRunAgainFromItsBeginningUnderTheSameARN() async throws {
        let story = try ExpressStory()
        let definition = #"""
            {"StartAt": "A", "States": {
              "A": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:first", "Next": "B"},
              "B": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:second", "End": true}}}
            """#
        let before = ScriptedEffects { call in
            if call.request.stateName == "B" { return await ScriptedEffects.hang() }
            return .succeeded(call.request.parameters.document)
        }
        let arn = try await story.life(before) { life async throws in
            let started = try await life.start(try await life.machine(definition), name: "a", input: #"{"n":1}"#)
            try await life.eventually("the second task runs") { before.calls.count == 2 }
            return started.arn
        }
        let after = ScriptedEffects()
        try await story.life(after) { life async throws in
            try await life.eventually("it has run again and is over", letsTimePass: true) { try await life.starts() == [] }
        }
        #expect(after.calls.map(\.request.stateName) == ["A", "B"])
        #expect(after.calls.map { String(decoding: $0.request.parameters.text, as: UTF8.self) } == [#"{"n":1}"#, #"{"n":1}"#])
        #expect(Set(after.calls.map(\.executionARN)) == [arn])
        // A repeated run is another one to those who remember what they were sent.
        #expect(Set((before.calls + after.calls).map(\.dedupeKey)).count == 4)
    }

    @Test func whatIsOverDoesNotRunAgainAfterAPlannedStop() async throws {
        let story = try ExpressStory()
        let before = ScriptedEffects()
        try await story.life(before, ending: .shutdown) { life async throws in
            let machine = try await life.machine(Definitions.task)
            for _ in 0..<20 { try await life.start(machine, name: "same") }
            try await life.eventually("all have run") { before.calls.count == 20 }
            await life.engine.drain(limit: .zero)
        }
        let after = ScriptedEffects()
        try await story.life(after) { life async throws in
            try await life.eventually("nothing is left", letsTimePass: true) { try await life.starts() == [] }
        }
        // Its last outcomes may have been cut off by the stop.
        #expect(after.calls.count <= 20)
    }

    @Test func aStartThatIsNotStoredIsRefusedAndDoesNotRun() async throws {
        let effects = ScriptedEffects()
        try await ExpressStory().life(effects) { life async throws in
            let machine = try await life.machine(Definitions.task)
            life.database.fail(.before(StoreError(.full)), on: "INSERT INTO express_start")
            await #expect(throws: EngineError.store(StoreError(.full))) { try await life.start(machine, name: "a") }
            life.database.heal()
            #expect(effects.calls.isEmpty)
            try await life.start(machine, name: "b")
            try await life.eventually("the other one is over", letsTimePass: true) { try await life.starts() == [] }
            #expect(effects.calls.count == 1)
        }
    }

    @Test func rowsThatCouldNotBeDeletedAreDeletedLater() async throws {
        try await ExpressStory().life { life async throws in
            let machine = try await life.machine(Definitions.pass)
            life.database.fail(.before(StoreError(.full)), on: "DELETE FROM express_start")
            try await life.start(machine, name: "a")
            for _ in 0..<30 {
                life.clock.advance(by: .milliseconds(500))
                await Task.yield()
            }
            #expect(try await life.starts() == ["a"])
            life.database.heal()
            try await life.eventually("the row is deleted", letsTimePass: true) { try await life.starts() == [] }
        }
    }

    @Test func aStartDuringTheDrainRunsAfterTheNextStart() async throws {
        let story = try ExpressStory()
        let before = ScriptedEffects()
        try await story.life(before, ending: .shutdown) { life async throws in
            let machine = try await life.machine(Definitions.task)
            await life.engine.drain(limit: .zero)
            try await life.start(machine, name: "a")
            #expect(try await life.starts() == ["a"])
        }
        #expect(before.calls.isEmpty)
        let after = ScriptedEffects()
        try await story.life(after) { life async throws in
            try await life.eventually("it has run", letsTimePass: true) { try await life.starts() == [] }
            #expect(after.calls.count == 1)
        }
    }

    @Test func moreThanThereIsRoomForIsRefusedUntilOthersAreOver() async throws {
        let (gate, open) = AsyncStream<Void>.makeStream()
        let effects = ScriptedEffects { call in
            for await _ in gate {}
            return .succeeded(call.request.parameters.document)
        }
        var configuration = ExpressStory.patient
        configuration.concurrentExecutions = 2
        configuration.patience = .zero
        try await ExpressStory().life(effects, configuration: configuration) { life async throws in
            let machine = try await life.machine(Definitions.task)
            try await life.start(machine)
            try await life.start(machine)
            await #expect(throws: EngineError.tooManyExecutions) { try await life.start(machine) }
            await #expect(throws: EngineError.tooManyExecutions) { try await life.runSync(machine) }
            // What needs no room in memory is not refused.
            #expect(try await life.runSync(try await life.machine(Definitions.pass, name: "p")) == "SUCCEEDED {}")
            open.finish()
            try await life.eventually("there is room again") {
                do {
                    return try await life.runSync(machine) == "SUCCEEDED {}"
                } catch EngineError.tooManyExecutions {
                    return false
                }
            }
        }
    }

    @Test func payloadsAreBoundedInAll() async throws {
        var configuration = ExpressStory.patient
        configuration.payloadBytes = 100_000
        configuration.patience = .zero
        let effects = ScriptedEffects { _ in await ScriptedEffects.hang() }
        try await ExpressStory().life(effects, configuration: configuration) { life async throws in
            let machine = try await life.machine(Definitions.task)
            let input = #"{"x":""# + String(repeating: "a", count: 60_000) + #""}"#
            try await life.start(machine, input: input)
            await #expect(throws: EngineError.tooManyExecutions) { try await life.start(machine, input: input) }
            try await life.start(machine, input: "{}")
        }
    }
}
