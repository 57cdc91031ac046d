import Store
import TestSupport
import Testing
import TimeSource

@testable import Engine

@Suite("Retention of executions") struct ExecutionPrunerTests {
    private static let day = Duration.seconds(86_400)

    /// A pruner without pauses: no time passes while it works.
    private func pruner(_ life: EngineLife, days: Int) -> ExecutionPruner {
        ExecutionPruner(
            database: life.database, clock: EngineClock(source: life.clock, highWaterMark: life.clock.now),
            retention: ExecutionPrunerTests.day * days, pause: .zero)
    }

    private func count(_ table: String, in life: EngineLife) async throws -> Int64 {
        try await life.database.read { try $0.row("SELECT COUNT(*) FROM \(table)")?.integer(0) ?? 0 }
    }

    @Test func anExecutionGoesWithItsHistoryAndItsNameNinetyDaysAfterItsEnd() async throws {
        try await EngineStory().life { life async throws in
            let machine = try await life.machine(Definitions.pass)
            for number in 0..<450 { try await life.start(machine, name: "\(number)") }
            life.clock.advance(by: ExecutionPrunerTests.day * 90 - .seconds(1))
            try await pruner(life, days: 90).pruneExecutions()
            #expect(try await count("execution", in: life) == 450)
            life.clock.advance(by: .seconds(3))
            try await life.start(machine, name: "later")
            try await pruner(life, days: 90).pruneExecutions()
            #expect(try await count("execution", in: life) == 1)
            #expect(try await count("execution_name", in: life) == 1)
            #expect(try await count("history_chunk", in: life) == 1)
            try await life.start(machine, name: "7")
        }
    }

    @Test func aNameOutlivesItsExecutionForNinetyDays() async throws {
        try await EngineStory().life { life async throws in
            let machine = try await life.machine(Definitions.pass)
            try await life.start(machine, name: "a")
            life.clock.advance(by: ExecutionPrunerTests.day * 2)
            let pruner = pruner(life, days: 1)
            try await pruner.pruneExecutions()
            try await pruner.pruneNames()
            #expect(try await life.outcome("a") == "none")
            await #expect(throws: EngineError.executionAlreadyExists(arn: machine.executionARN(name: "a"))) {
                try await life.start(machine, name: "a")
            }
            life.clock.advance(by: ExecutionPrunerTests.day * 89)
            try await self.pruner(life, days: 1).pruneNames()
            try await life.start(machine, name: "a")
            #expect(try await life.outcome("a") == "SUCCEEDED {}")
        }
    }

    @Test func anExecutionThatRunsForLongIsKeptUntilItsOwnTimeIsOver() async throws {
        try await EngineStory().life { life async throws in
            let long = try await life.machine(Definitions.wait(seconds: 100 * 86_400), name: "long")
            let pass = try await life.machine(Definitions.pass, name: "pass")
            try await life.start(long, name: "l")
            try await life.start(pass, name: "p")
            life.clock.advance(by: ExecutionPrunerTests.day * 99)
            try await pruner(life, days: 10).pruneExecutions()
            #expect(try await life.outcome("l") == "RUNNING")
            #expect(try await life.outcome("p", machine: 2) == "none")
            life.clock.advance(by: ExecutionPrunerTests.day)
            #expect(try await life.end(of: "l", letsTimePass: true) == "SUCCEEDED {}")
            life.clock.advance(by: ExecutionPrunerTests.day * 9)
            try await pruner(life, days: 10).pruneExecutions()
            #expect(try await life.outcome("l") == "SUCCEEDED {}")
            life.clock.advance(by: ExecutionPrunerTests.day * 2)
            try await pruner(life, days: 10).pruneExecutions()
            #expect(try await life.outcome("l") == "none")
            #expect(try await count("history_chunk", in: life) == 0)
        }
    }

    @Test func aLongHistoryIsOutOfSightAtOnceAndGoesInPiecesAlsoAcrossACrash() async throws {
        let story = try EngineStory()
        try await story.life { life async throws in
            try await life.start(try await life.machine(Definitions.pass), name: "a")
            let id = try #require(try await life.record("a")).id
            try await life.database.apply(
                (0..<1_300).map { ExecutionStore.appendHistory(id, firstEvent: 1_000 + $0, body: [1]) })
            life.clock.advance(by: ExecutionPrunerTests.day * 91)
            life.database.failOnce(.crashAfter, on: "DELETE FROM history_chunk WHERE execution = ? AND")
            await #expect(throws: StoreError.self) { try await pruner(life, days: 90).pruneExecutions() }
        }
        try await story.life { life async throws in
            #expect(try await life.outcome("a") == "none")
            #expect(try await count("history_chunk", in: life) == 801)
            try await pruner(life, days: 90).pruneExecutions()
            #expect(try await count("history_chunk", in: life) == 0)
            #expect(try await count("pruned_execution", in: life) == 0)
        }
    }

    @Test func aWallClockThatIsWronglySetForwardDeletesNothing() async throws {
        try await EngineStory().life { life async throws in
            try await life.start(try await life.machine(Definitions.pass), name: "a")
            let clock = EngineClock(source: life.clock, highWaterMark: life.clock.now)
            life.clock.setWallClock(to: life.clock.now + ExecutionPrunerTests.day * 1_000)
            try await ExecutionPruner(database: life.database, clock: clock, retention: ExecutionPrunerTests.day, pause: .zero)
                .pruneExecutions()
            #expect(try await life.outcome("a") == "SUCCEEDED {}")
        }
    }

    @Test func batchesAreBoundedInExecutionsRowsAndBytes() {
        func expired(_ count: Int, chunks: Int, bytes: Int) -> [ExecutionPruning.Expired] {
            (0..<count).map {
                ExecutionPruning.Expired(
                    execution: ExecutionID(value: Int64($0)), name: ExecutionPruning.Name(machine: 1, name: "\($0)"), chunks: chunks,
                    bytes: bytes)
            }
        }
        #expect(ExecutionPruner.batches(expired(450, chunks: 1, bytes: 300)).map(\.count) == [200, 200, 50])
        #expect(ExecutionPruner.batches(expired(10, chunks: 200, bytes: 300)).map(\.count) == [2, 2, 2, 2, 2])
        #expect(ExecutionPruner.batches(expired(3, chunks: 1, bytes: 700_000)).map(\.count) == [1, 1, 1])
        #expect(ExecutionPruner.batches([]).isEmpty)
    }
}
