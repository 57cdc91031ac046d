import Engine
import StatesInterpreter
import Store
import TestSupport
import Testing
import TimeSource

@Suite("Executions and a failing store") struct StoreFaultTests {
    private static let full = StoreError(.full, detail: "the disk is full")

    @Test func aStartThatCouldNotBeStoredIsAnErrorAndCanBeRepeated() async throws {
        try await EngineStory().life { life async throws in
            let machine = try await life.machine(Definitions.pass)
            life.database.failOnce(.before(StoreFaultTests.full), on: "INSERT INTO execution_name")
            await #expect(throws: EngineError.store(StoreFaultTests.full)) { try await life.start(machine, name: "a") }
            #expect(try await life.outcome("a") == "none")
            try await life.start(machine, name: "a")
            #expect(try await life.outcome("a") == "SUCCEEDED {}")
        }
    }

    @Test func aStartWhoseOutcomeIsUnknownEndsTheProcessAndIsRepeatedByName() async throws {
        let story = try EngineStory()
        try await story.life { life async throws in
            let machine = try await life.machine(Definitions.wait)
            life.database.failOnce(.after, on: "INSERT INTO execution_name")
            await #expect(throws: EngineError.self) { try await life.start(machine, name: "a") }
            // Whatever else comes in this life is refused: it would build on what may not be there.
            await #expect(throws: EngineError.self) { try await life.start(machine, name: "b") }
        }
        try await story.life { life async throws in
            let machine = try await life.machine(Definitions.wait)
            #expect(try await life.outcome("b") == "none")
            try await life.start(machine, name: "a")
            #expect(try await life.end(of: "a", letsTimePass: true) == "SUCCEEDED {}")
        }
    }

    @Test func aWaitWhoseEndCouldNotBeStoredEndsLater() async throws {
        try await EngineStory().life { life async throws in
            try await life.start(try await life.machine(Definitions.wait), name: "a")
            life.database.fail(.before(StoreFaultTests.full), on: "UPDATE execution SET")
            for _ in 0..<1_000 {
                life.clock.advance(by: .milliseconds(100))
                await Task.yield()
            }
            #expect(try await life.outcome("a") == "RUNNING")
            life.database.heal()
            #expect(try await life.end(of: "a", letsTimePass: true) == "SUCCEEDED {}")
            #expect(try await life.history("a").map(\.id) == Array(1...4))
        }
    }

    @Test func aStopThatCouldNotBeStoredIsAnErrorAndTheExecutionGoesOn() async throws {
        try await EngineStory().life { life async throws in
            try await life.start(try await life.machine(Definitions.wait), name: "a")
            let id = try #require(try await life.record("a")).id
            life.database.failOnce(.before(StoreFaultTests.full), on: "UPDATE execution SET")
            await #expect(throws: EngineError.store(StoreFaultTests.full)) {
                try await life.engine.stopExecution(id, error: nil, cause: nil)
            }
            #expect(try await life.end(of: "a", letsTimePass: true) == "SUCCEEDED {}")
        }
    }

    @Test func aLoopGoesOnAfterAFailedTurn() async throws {
        try await EngineStory().life { life async throws in
            let machine = try await life.machine(Definitions.loop)
            try await life.start(machine, name: "a")
            for _ in 0..<5 { life.database.failOnce(.before(StoreFaultTests.full), on: "INSERT INTO history_chunk") }
            #expect(try await life.end(of: "a", letsTimePass: true) == #"SUCCEEDED {"n":5000}"#)
            let events = try await life.history("a")
            #expect(events.map(\.id) == Array(1...Int64(events.count)))
        }
    }

    @Test func aTimerThatFiresWhileItsReplacementFailsIsNotLost() async throws {
        // The task's outcome replaces its time limit by the wait's end; that turn fails while the limit comes due.
        let definition = #"""
            {"StartAt": "T", "States": {
              "T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f", "TimeoutSeconds": 5, "Next": "W"},
              "W": {"Type": "Wait", "Seconds": 100, "End": true}
            }}
            """#
        let effects = ScriptedEffects()
        try await EngineStory().life(effects) { life async throws in
            let machine = try await life.machine(definition)
            life.database.fail(.before(StoreFaultTests.full), on: "DELETE FROM outbox")
            try await life.start(machine, name: "a")
            try await life.eventually("the effect is performed") { effects.calls.count == 1 }
            for _ in 0..<100 {
                life.clock.advance(by: .milliseconds(100))
                await Task.yield()
            }
            life.database.heal()
            // Either came first: the outcome or the limit. Neither may be the last that is ever heard.
            let outcome = try await life.end(of: "a", letsTimePass: true)
            #expect(outcome == "SUCCEEDED {}" || outcome == "FAILED States.Timeout")
            #expect(try await life.timers() == [])
        }
    }

    @Test func engineTimeThatCannotBeStoredEndsNothing() async throws {
        try await EngineStory().life { life async throws in
            let machine = try await life.machine(Definitions.wait)
            life.database.fail(.before(StoreFaultTests.full), on: "UPDATE node SET engine_time")
            try await life.start(machine, name: "a")
            #expect(try await life.end(of: "a", letsTimePass: true) == "SUCCEEDED {}")
            try await life.start(machine, name: "b")
        }
    }

    @Test func aFencedEngineEnds() async throws {
        let story = try EngineStory()
        try await story.life { life async throws in
            let machine = try await life.machine(Definitions.wait)
            try await life.database.apply([Statement("UPDATE node SET incarnation = incarnation + 1, batch_seq = 0")])
            await #expect(throws: EngineError.self) { try await life.start(machine, name: "a") }
            try await life.eventually("the engine has ended") {
                do {
                    try await life.start(machine, name: "b")
                    return false
                } catch EngineError.shuttingDown {
                    return true
                } catch {
                    return false
                }
            }
        }
        try await story.life { life async throws in
            for name in ["a", "b"] { #expect(try await life.outcome(name) == "none") }
        }
    }

    /// Whatever fails, and wherever the process dies: all that was acknowledged ends, and what was not is there whole or not at all.
    @Test(arguments: 0..<12 as Range<UInt64>) func crashesAtRandomLoseNothing(seed: UInt64) async throws {
        let random = SeededRandomSource(seed: seed)
        let story = try EngineStory()
        let definition = #"""
            {"StartAt": "P", "States": {
              "P": {"Type": "Parallel", "Next": "W", "Branches": [
                {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::sns:publish",
                  "Parameters": {"TopicArn": "t", "Message": "m"}, "End": true}}},
                {"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 1, "Next": "B"}, "B": {"Type": "Pass", "End": true}}}]},
              "W": {"Type": "Wait", "Seconds": 2, "Next": "End"},
              "End": {"Type": "Pass", "Result": "done", "End": true}
            }}
            """#
        var acknowledged: [String] = []
        var tried: [String] = []
        let faults: [FaultyDatabase.Fault] = [.crashBefore, .crashAfter, .after, .before(StoreFaultTests.full)]
        let places = [
            "INSERT INTO execution_name", "DELETE FROM outbox", "INSERT INTO timer", "INSERT INTO history_chunk", "UPDATE execution",
        ]
        for life in 0..<6 {
            let names = (0..<8).map { "n\(life)-\($0)" }
            tried += names
            acknowledged += try await story.life { server async throws in
                let machine = try await server.machine(definition)
                let fault = faults[Int(random.number(below: 4))]
                let place = places[Int(random.number(below: 5))]
                let steps = random.number(below: 40)
                var acknowledged: [String] = []
                for (index, name) in names.enumerated() {
                    if index == 4 { server.database.failOnce(fault, on: place) }
                    if (try? await server.start(machine, name: name)) != nil { acknowledged.append(name) }
                }
                for _ in 0..<steps {
                    server.clock.advance(by: .milliseconds(100))
                    await Task.yield()
                }
                return acknowledged
            }
        }
        try await story.life { life async throws in
            for name in acknowledged { #expect(try await life.end(of: name, letsTimePass: true) == #"SUCCEEDED "done""#) }
            for name in tried where try await life.record(name) != nil {
                #expect(try await life.end(of: name, letsTimePass: true) == #"SUCCEEDED "done""#)
                let events = try await life.history(name)
                #expect(events.map(\.id) == Array(1...Int64(events.count)))
                #expect(events.filter { $0.type == .executionSucceeded }.count == 1)
                #expect(events.filter { $0.type == .taskSucceeded }.count == 1)
            }
            #expect(try await life.outbox() == [])
            #expect(try await life.timers() == [])
        }
    }
}
