import Engine
import StatesInterpreter
import Store
import TestSupport
import Testing
import TimeSource

@Suite("Executions and a wall clock that is set") struct ClockJumpTests {
    /// Waits by both clocks side by side.
    private static func definition(seconds: Int, until timestamp: Timestamp) -> String {
        #"""
        {"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [
          {"StartAt": "ByEngine", "States": {"ByEngine": {"Type": "Wait", "Seconds": \#(seconds), "End": true}}},
          {"StartAt": "ByWall", "States": {"ByWall": {"Type": "Wait", "Timestamp": "\#(timestamp.iso8601Seconds)", "End": true}}}
        ]}}}
        """#
    }

    /// When the turns were taken in which a Wait state was left, by both clocks, with the state's name.
    private func exits(_ name: String, machine: Int64, in life: EngineLife) async throws -> [(state: String, now: Instants)] {
        let record = try #require(try await life.record(name, machine: machine))
        let bodies = try await life.database.read { try ExecutionStore.history(record.id, limit: 1_000, in: $0).map(\.body) }
        var payloads = PayloadTable()
        var exits: [(String, Instants)] = []
        for body in bodies {
            let chunk = try HistoryChunk(decoding: body, payloads: &payloads)
            for event in chunk.events {
                guard event.type == .waitStateExited, case .stateExited(let name, _, _) = event.details else { continue }
                exits.append(("\(name)", chunk.now))
            }
        }
        return exits
    }

    @Test func aTimestampIsReachedWhenTheWallClockIsSetForwardThoughAnotherBranchWaitsLonger() async throws {
        let story = try EngineStory()
        let definition = ClockJumpTests.definition(seconds: 36_000, until: story.clock.now + .seconds(2 * 3_600))
        try await story.life { life async throws in
            let machine = try await life.machine(definition)
            try await life.start(machine, name: "a")
            #expect(try await life.timers().count == 2)
            life.clock.setWallClock(to: life.clock.now + .seconds(3 * 3_600))
            let before = life.clock.monotonic
            try await life.eventually("the wall clock's branch ends", letsTimePass: true) {
                try await exits("a", machine: 1, in: life).map(\.state) == ["ByWall"]
            }
            #expect(life.clock.monotonic - before < .seconds(3_600))
            #expect(try await life.timers().map(\.clock) == [.engine])
        }
    }

    @Test(arguments: 0..<6) func whateverTheWallClockDoesNoTimerIsLostOrDoubledOrEarly(seed: UInt64) async throws {
        let random = SeededRandomSource(seed: seed)
        func below(_ bound: Int) -> Int { Int(random.nextWord() % UInt64(bound)) }
        let story = try EngineStory()
        let begin = story.clock.now
        var waits: [String: (machine: Int64, seconds: Int, until: Timestamp)] = [:]
        for round in 0..<3 {
            try await story.life { life async throws in
                for number in 0..<6 {
                    let (seconds, until) = (1 + below(10_800), begin + .seconds(below(14_400)))
                    let name = "\(round)-\(number)"
                    let machine = try await life.machine(ClockJumpTests.definition(seconds: seconds, until: until), name: "m\(name)")
                    try await life.start(machine, name: name)
                    waits[name] = (machine.record.id, seconds, until)
                }
                for _ in 0..<15 {
                    switch below(3) {
                    case 0: life.clock.setWallClock(to: life.clock.now + .seconds(below(14_400) - 7_200))
                    case 1: life.clock.advance(by: .seconds(below(1_200)))
                    default: life.clock.advance(by: .milliseconds(below(2_000)))
                    }
                    for _ in 0..<20 { await Task.yield() }
                }
            }
        }
        story.clock.setWallClock(to: begin + .seconds(20_000))
        story.clock.advance(by: .seconds(12_000))
        try await story.life { life async throws in
            for (name, wait) in waits {
                #expect(try await life.end(of: name, machine: wait.machine, letsTimePass: true) == "SUCCEEDED [{},{}]")
                let record = try #require(try await life.record(name, machine: wait.machine))
                let body = try await life.database.read { try ExecutionStore.history(record.id, limit: 1, in: $0)[0].body }
                var payloads = PayloadTable()
                let started = try HistoryChunk(decoding: body, payloads: &payloads).now
                let exits = try await exits(name, machine: wait.machine, in: life)
                #expect(exits.map(\.state).sorted() == ["ByEngine", "ByWall"], "seed \(seed), \(name)")
                for exit in exits {
                    if exit.state == "ByWall" {
                        #expect(exit.now.wall >= wait.until, "seed \(seed), \(name)")
                    } else {
                        #expect(exit.now.engine >= started.engine + .seconds(wait.seconds), "seed \(seed), \(name)")
                    }
                }
            }
            #expect(try await life.timers() == [])
        }
    }

    @Test func anExecutionThatStartsAfterTheWallClockWasSetBackIsListed() async throws {
        try await EngineStory().life { life async throws in
            let machine = try await life.machine(Definitions.pass)
            life.clock.setWallClock(to: life.clock.now - .seconds(86_400))
            for number in 0..<5_000 where number % 50 == 0 || number > 4_990 { try await life.start(machine, name: "\(number)") }
            let filter = ExecutionStore.ListFilter(
                machine: 1, status: nil, before: nil, from: ExecutionID.first(at: machine.record.createdAt))
            let listed = try await life.database.read { try ExecutionStore.list(filter, limit: 1_000, in: $0).records }
            #expect(listed.count == 109)
            #expect(listed.allSatisfy { $0.startedAt < machine.record.createdAt })
        }
    }
}
