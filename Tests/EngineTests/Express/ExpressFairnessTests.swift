import StatesInterpreter
import StatesLanguage
import Store
import Synchronization
import TestSupport
import Testing
import TimeSource

@testable import Engine

@Suite("Fairness of Express executions") struct ExpressFairnessTests {
    /// A loop of a million states, two a round.
    private static let loop = #"""
        {"StartAt": "Add", "States": {
          "Add": {"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 1)"}, "Next": "Enough"},
          "Enough": {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericEquals": 500000, "Next": "Done"}], "Default": "Add"},
          "Done": {"Type": "Succeed"}}}
        """#

    @Test func aShortExecutionIsOverWithItsFirstTurnWhateverLoopsBesideIt() throws {
        let room = try Room()
        for number in 0..<3 { try room.begin(Self.loop, input: #"{"n":0}"#, name: "loop\(number)") }
        for _ in 0..<9 { room.scheduler.takeTurn() }
        try room.begin(Definitions.pass, name: "short")
        // Each of the others may take one turn before it, and none a second one.
        for _ in 0..<4 { room.scheduler.takeTurn() }
        #expect(room.ended == ["short"])
    }

    @Test func aTurnEndsAfterAThousandTransitions() throws {
        let room = try Room()
        var execution = try room.execution(Self.loop, name: "loop")
        let input = try JSONDocument(parsing: Array(#"{"n":0}"#.utf8))
        let first = execution.takeTurn(.start(input: input), clock: room.clock, pace: ExpressConfiguration().pace)
        #expect(first.transitions == 1_000)
        #expect(first.isSuspended)
        #expect(execution.takeTurn(.proceed, clock: room.clock, pace: ExpressConfiguration().pace).transitions == 1_000)
    }

    @Test func aTurnEndsAfterTwoMillisecondsOfSlowStates() throws {
        // Each look at the clock finds it a millisecond later.
        let room = try Room(clock: EngineClock(source: HastyClock(), highWaterMark: .epoch))
        var execution = try room.execution(Self.loop, name: "loop")
        let input = try JSONDocument(parsing: Array(#"{"n":0}"#.utf8))
        let turn = execution.takeTurn(.start(input: input), clock: room.clock, pace: ExpressConfiguration().pace)
        #expect(turn.isSuspended)
        #expect(turn.transitions == 200)
    }

    @Test func aSliceEndsWithLargePayloads() throws {
        let room = try Room(clock: EngineClock(source: HastyClock(), highWaterMark: .epoch))
        let loop = Self.loop.replacing("\"Next\": \"Enough\"", with: "\"ResultPath\": \"$.m\", \"Next\": \"Enough\"")
        var execution = try room.execution(loop, name: "loop")
        let input = try JSONDocument(parsing: Array((#"{"n":0,"x":""# + String(repeating: "a", count: 200_000) + #""}"#).utf8))
        let turn = execution.takeTurn(.start(input: input), clock: room.clock, pace: ExpressConfiguration().pace)
        #expect(turn.isSuspended)
        #expect(turn.transitions < 200)
    }

    @Test func whatALoopKeepsDoesNotGrow() throws {
        let room = try Room()
        var execution = try room.execution(Self.loop, name: "loop")
        var turn = execution.takeTurn(
            .start(input: try JSONDocument(parsing: Array(#"{"n":0}"#.utf8))), clock: room.clock, pace: ExpressConfiguration().pace)
        let early = execution.payloadBytes
        for _ in 0..<100 { turn = execution.takeTurn(.proceed, clock: room.clock, pace: ExpressConfiguration().pace) }
        #expect(turn.isSuspended)
        #expect(execution.payloadBytes <= early + 8)
    }

    @Test func aBranchThatLoopsDoesNotHoldUpItsSiblings() throws {
        let parallel = #"""
            {"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [
              \#(Self.loop), {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "Enough"}}}]}}}
            """#
        let room = try Room()
        try room.begin(parallel, input: #"{"n":0}"#, name: "both")
        room.scheduler.takeTurn()
        #expect(room.ended == ["both"])
    }

    @Test func anExecutionThatLoopsIsHandedOverAfterFiveTurns() throws {
        let given = Names()
        let room = try Room(handOver: { message in
            if case .adopt(let execution, let turn, _) = message {
                given.names.withLock { $0.append("\(execution.name) \(turn.isSuspended) \(turn.effects.count)") }
            }
            return true
        })
        try room.begin(Self.loop, input: #"{"n":0}"#, name: "loop")
        for _ in 0..<4 { room.scheduler.takeTurn() }
        #expect(given.list == [])
        room.scheduler.takeTurn()
        #expect(given.list == ["loop true 0"])
        #expect(room.scheduler.pause == nil || room.scheduler.pause == 100)
    }

    @Test func anExecutionThatWaitsForATaskIsNotHandedOver() throws {
        let parallel = #"""
            {"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [
              \#(Self.loop), \#(Definitions.task)]}}}
            """#
        let room = try Room(handOver: { _ in
            Issue.record("its task's outcome would be lost")
            return true
        })
        try room.begin(parallel, input: #"{"n":0}"#, name: "both")
        for _ in 0..<9 { room.scheduler.takeTurn() }
    }

    @Test func dueInstantsThatWereReplacedDoNotPileUp() throws {
        let clock = ManualClock()
        let room = try Room(clock: EngineClock(source: clock, highWaterMark: .epoch))
        let waits = #"""
            {"StartAt": "W", "States": {
              "W": {"Type": "Wait", "Seconds": 1, "Next": "C"},
              "C": {"Type": "Choice", "Choices": [{"Variable": "$.stop", "IsPresent": true, "Next": "E"}], "Default": "W"},
              "E": {"Type": "Succeed"}}}
            """#
        try room.begin(waits, name: "waits")
        room.scheduler.takeTurn()
        for _ in 0..<5 {
            #expect(room.scheduler.pause == 100)
            clock.advance(by: .seconds(1))
            #expect(room.scheduler.pause == 0)
            room.scheduler.fireTimers()
            room.scheduler.takeTurn()
        }
        clock.advance(by: .seconds(300))
        room.scheduler.fireTimers()
        room.scheduler.takeTurn()
        #expect(room.ended == ["waits"])
        #expect(room.scheduler.pause == nil || room.scheduler.pause == 0)
    }

    @Test func aQueueGivesOutWhatItWasGivenInOrder() {
        var queue = FIFOQueue<Int>()
        var taken: [Int] = []
        for number in 0..<10 {
            queue.append(number)
            queue.append(number + 100)
            if let first = queue.popFirst() { taken.append(first) }
        }
        while let next = queue.popFirst() { taken.append(next) }
        #expect(taken == (0..<10).flatMap { [$0, $0 + 100] })
        #expect(queue.isEmpty)
    }
}

/// Names that come up, in order.
private final class Names: Sendable {
    let names = Mutex<[String]>([])

    var list: [String] { names.withLock { $0 } }
}

/// A scheduler without a thread: a test lets it take its turns.
private struct Room {
    let clock: EngineClock
    let scheduler: ExpressScheduler
    private let names = Names()

    init(
        clock: EngineClock = EngineClock(source: ManualClock(), highWaterMark: .epoch),
        handOver: (@Sendable (ExpressMessage) -> Bool)? = nil
    ) throws {
        self.clock = clock
        scheduler = ExpressScheduler(
            dependencies: ExpressDependencies(
                configuration: ExpressConfiguration(), clock: clock, performer: ScriptedEffects(), effects: TaskQueue(limit: 1),
                admission: ExpressAdmission(executions: 100, bytes: 1 << 30), incarnation: 1),
            post: { _ in }, handOver: handOver)
    }

    /// The names of those that are over, in order.
    var ended: [String] { names.list }

    func execution(_ definition: String, name: String) throws -> ExpressExecution {
        let record = StateMachineRecord(
            id: 1, account: "000000000000", name: "m", type: "EXPRESS", createdAt: .epoch,
            revision: StateMachineRevision(
                number: 1, revisionID: "1", definition: Array(definition.utf8), roleARN: "r", configuration: [], updatedAt: .epoch))
        let machine = CompiledStateMachine(
            record: record, definition: try StateMachineDefinition.compile(Array(definition.utf8), type: .express), region: "us-east-1")
        let environment = ExecutionEnvironment(
            executionARN: name, executionName: name, roleARN: "r", startTime: .epoch, stateMachineARN: machine.arn, stateMachineName: "m",
            region: "us-east-1", secret: ExecutionSecret(bytes: [1]), tokens: .none, limits: ExpressConfiguration().limits)
        return ExpressExecution(
            id: ExpressNumbers().next(name: name, at: .epoch), name: name, arn: name, machine: machine, startedAt: .epoch,
            interpreter: Interpreter(definition: machine.definition, environment: environment))
    }

    func begin(_ definition: String, input: String = "{}", name: String) throws {
        let place = ExpressPlace(bytes: 0, isAwaited: false) { [names] _ in names.names.withLock { $0.append(name) } }
        scheduler.handle(
            .begin(try execution(definition, name: name), input: try JSONDocument(parsing: Array(input.utf8)), place: place))
    }
}

/// A clock that is a millisecond later each time it is read.
private final class HastyClock: ClockSource {
    private let readings = Mutex<Int64>(0)

    var now: Timestamp { Timestamp(milliseconds: readings.withLock { $0 }) }

    var monotonic: MonotonicInstant {
        MonotonicInstant(nanoseconds: readings.withLock { $0 += 1; return $0 } * 1_000_000)
    }

    func sleep(until deadline: MonotonicInstant) async throws {}
}
