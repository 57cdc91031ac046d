import Engine
import JSONCore
import StatesInterpreter
import Store
import TestSupport
import Testing
import TimeSource

@Suite("Starting executions") struct StartTests {
    @Test func anExecutionRunsToItsEndAndIsDurableWhenTheStartAnswers() async throws {
        let story = try EngineStory()
        try await story.life { life async throws in
            let started = try await life.start(try await life.machine(Definitions.pass), name: "a", input: #"{"x": 1}"#)
            #expect(started.arn == "arn:aws:states:us-east-1:000000000000:execution:m:a")
            #expect(started.startedAt == life.clock.now)
            #expect(try await life.outcome("a") == #"SUCCEEDED {"x": 1}"#)
        }
        try await story.life { life async throws in
            #expect(try await life.outcome("a") == #"SUCCEEDED {"x": 1}"#)
            let events = try await life.history("a").map(\.type)
            #expect(events == [.executionStarted, .passStateEntered, .passStateExited, .executionSucceeded])
        }
    }

    @Test func aRunningNameWithTheSameInputAnswersTheFirstStart() async throws {
        try await EngineStory().life { life async throws in
            let machine = try await life.machine(Definitions.wait)
            let first = try await life.start(machine, name: "a", input: "[1]")
            life.clock.advance(by: .seconds(5))
            #expect(try await life.start(machine, name: "a", input: "[1]") == first)
        }
    }

    @Test func aRunningNameWithAnotherInputIsTaken() async throws {
        try await EngineStory().life { life async throws in
            let machine = try await life.machine(Definitions.wait)
            let first = try await life.start(machine, name: "a", input: "[1]")
            await #expect(throws: EngineError.executionAlreadyExists(arn: first.arn)) {
                try await life.start(machine, name: "a", input: "[2]")
            }
        }
    }

    @Test func aClosedNameIsTakenWhateverTheInput() async throws {
        let story = try EngineStory()
        let arn = try await story.life { life async throws in
            try await life.start(try await life.machine(Definitions.pass), name: "a").arn
        }
        try await story.life { life async throws in
            let machine = try await life.machine(Definitions.pass)
            for input in ["{}", "[2]"] {
                await #expect(throws: EngineError.executionAlreadyExists(arn: arn)) {
                    try await life.start(machine, name: "a", input: input)
                }
            }
        }
    }

    @Test func generatedNamesAreDistinctAndGrow() async throws {
        try await EngineStory().life { life async throws in
            let machine = try await life.machine(Definitions.pass)
            var arns: [String] = []
            for _ in 0..<50 { arns.append(try await life.start(machine).arn) }
            #expect(Set(arns).count == 50)
            #expect(arns == arns.sorted())
        }
    }

    @Test func ofManyStartsOfOneNameAtOnceAllHearOfTheSameExecution() async throws {
        try await EngineStory().life { life async throws in
            let machine = try await life.machine(Definitions.wait)
            let answers = try await withThrowingTaskGroup(of: StartedExecution.self) { group in
                for _ in 0..<100 { group.addTask { try await life.start(machine, name: "a") } }
                return try await group.reduce(into: Set<StartedExecution>()) { $0.insert($1) }
            }
            #expect(answers.count == 1)
            let rows = try await life.database.read { try $0.row("SELECT COUNT(*) FROM execution")?.integer(0) }
            #expect(rows == 1)
        }
    }

    @Test func aThousandStartsAtOnceAllRun() async throws {
        let story = try EngineStory()
        try await story.life { life async throws in
            let machine = try await life.machine(Definitions.pass)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<1_000 { group.addTask { try await life.start(machine, name: "n\(number)", input: "\(number)") } }
                try await group.waitForAll()
            }
            for number in stride(from: 0, to: 1_000, by: 97) { #expect(try await life.outcome("n\(number)") == "SUCCEEDED \(number)") }
            #expect(try await succeeded(life) == 1_000)
        }
        try await story.life { life async throws in #expect(try await succeeded(life) == 1_000) }
    }

    private func succeeded(_ life: EngineLife) async throws -> Int64? {
        try await life.database.read { try $0.row("SELECT COUNT(*) FROM execution WHERE status = 'SUCCEEDED'")?.integer(0) }
    }

    @Test func aStartAfterTheShutdownSaysSo() async throws {
        let story = try EngineStory()
        let (engine, machine) = try await story.life(ending: .shutdown) { life async throws in
            let machine = try await life.machine(Definitions.pass)
            try await life.start(machine, name: "a")
            return (life.engine, machine)
        }
        await #expect(throws: EngineError.shuttingDown) {
            try await engine.startExecution(of: machine, name: "b", input: .init(.null))
        }
    }

    @Test func stoppingEndsARunningExecutionAndAgainTellsWhen() async throws {
        try await EngineStory().life { life async throws in
            try await life.start(try await life.machine(Definitions.wait), name: "a")
            let id = try #require(try await life.record("a")).id
            life.clock.advance(by: .seconds(1))
            let stoppedAt = try await life.engine.stopExecution(id, error: "E", cause: "because")
            #expect(stoppedAt == life.clock.now)
            #expect(try await life.outcome("a") == "ABORTED E: because")
            #expect(try await life.timers() == [])
            life.clock.advance(by: .seconds(1))
            #expect(try await life.engine.stopExecution(id, error: nil, cause: nil) == stoppedAt)
            #expect(try await life.outcome("a") == "ABORTED E: because")
        }
    }

    @Test func stoppingWhatIsNotThereIsAnError() async throws {
        try await EngineStory().life { life async throws in
            await #expect(throws: EngineError.executionDoesNotExist) {
                try await life.engine.stopExecution(ExecutionID(value: 5), error: nil, cause: nil)
            }
        }
    }
}
