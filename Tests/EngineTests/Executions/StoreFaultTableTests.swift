import Engine
import StatesInterpreter
import Store
import TestSupport
import Testing
import TimeSource

/// Each batch of an execution's whole life fails once, in each way: before it is applied, after it was, or with the process.
@Suite("Each batch of an execution fails") struct StoreFaultTableTests {
    /// A way to fail.
    enum Failure: String, CaseIterable, Sendable {
        case full, unavailable, after, crashBefore, crashAfter

        var fault: FaultyDatabase.Fault {
            switch self {
            case .full: .before(StoreError(.full, detail: "a test's disk"))
            case .unavailable: .before(StoreError(.unavailable, detail: "a test's connection"))
            case .after: .after
            case .crashBefore: .crashBefore
            case .crashAfter: .crashAfter
            }
        }
    }

    /// A class of effects, and how its task gets over a crash.
    enum Effects: String, CaseIterable, Sendable {
        case deduplicated, unrepeatable

        var effectClass: EffectClass { self == .deduplicated ? .deduplicated : .unrepeatable }

        /// An unrepeatable task that a crash cut off fails; its Retry makes another attempt, under another number.
        var retry: String {
            self == .deduplicated ? "" : #""Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 9}],"#
        }
    }

    private static func definition(_ effects: Effects) -> String {
        #"""
        {"StartAt": "P", "States": {
          "P": {"Type": "Parallel", "Next": "W", "Branches": [
            {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", \#(effects.retry)
              "Parameters": {"TopicArn": "t", "Message": "m"}, "TimeoutSeconds": 500, "End": true}}},
            {"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 1, "Next": "B"}, "B": {"Type": "Pass", "End": true}}}]},
          "W": {"Type": "Wait", "Seconds": 2, "Next": "U"},
          "U": {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", \#(effects.retry)
            "Parameters": {"TopicArn": "t", "Message": "n"}, "Next": "End"},
          "End": {"Type": "Pass", "Result": "done", "End": true}
        }}
        """#
    }

    @Test(arguments: Failure.allCases, Effects.allCases)
    func theExecutionEndsOnceAndItsTasksHappenAsOftenAsTheyMay(failure: Failure, effects: Effects) async throws {
        var number = 1
        // Until a life has fewer batches than that.
        while try await story(failure, at: number, effects) { number += 1 }
        #expect(number > 5, "the table is shorter than the execution")
    }

    /// One execution whose batch of this number fails; false when it had fewer.
    private func story(_ failure: Failure, at number: Int, _ effects: Effects) async throws -> Bool {
        let story = try EngineStory()
        let performed = ScriptedEffects(effects.effectClass)
        let definition = StoreFaultTableTests.definition(effects)
        let wasReached = try await story.life(performed) { life async throws in
            let machine = try await life.machine(definition)
            let before = life.database.faultsLeft
            life.database.failOnce(failure.fault, atBatch: number)
            for _ in 0..<2 where (try? await life.start(machine, name: "a")) != nil { break }
            try await life.eventually("the life is over", letsTimePass: true) {
                // After an unknown outcome the engine ends by itself.
                if life.database.isCut || (failure == .after && life.database.faultsLeft == before) { return true }
                return try await life.record("a").map { $0.status != .running } ?? false
            }
            return life.database.faultsLeft == before
        }
        try await story.life(performed) { life async throws in
            let machine = try await life.machine(definition)
            // Whoever had no answer starts it again by name; it runs, or has been.
            do {
                try await life.start(machine, name: "a")
            } catch EngineError.executionAlreadyExists {}
            #expect(try await life.end(of: "a", letsTimePass: true) == #"SUCCEEDED "done""#)
            try StoreFaultTableTests.check(try await life.history("a"), attempts: performed.calls, effects)
            #expect(try await life.outbox() == [])
            #expect(try await life.timers() == [])
        }
        return wasReached
    }

    private static func check(_ events: [HistoryEvent], attempts: [EffectCall], _ effects: Effects) throws {
        #expect(events.map(\.id) == Array(1...EventID(events.count)))
        #expect(events.dropFirst().allSatisfy { $0.previousEventID < $0.id })
        #expect(zip(events, events.dropFirst()).allSatisfy { $0.timestamp <= $1.timestamp })
        let count = { (type: HistoryEventType) in events.count { $0.type == type } }
        #expect(count(.executionSucceeded) == 1 && events.last?.type == .executionSucceeded)
        #expect(count(.taskSucceeded) == 2 && count(.taskStateEntered) == 2 && count(.taskStateExited) == 2)
        #expect(count(.taskScheduled) == count(.taskSucceeded) + count(.taskFailed))
        #expect(count(.waitStateEntered) == 2 && count(.parallelStateEntered) == 1 && count(.passStateEntered) == 2)

        let keys = Set(attempts.map(\.dedupeKey))
        switch effects {
        case .deduplicated: #expect(keys.count == 2 && count(.taskScheduled) == 2)
        case .unrepeatable: #expect(keys.count == attempts.count, "an attempt was made twice")
        }
    }
}
