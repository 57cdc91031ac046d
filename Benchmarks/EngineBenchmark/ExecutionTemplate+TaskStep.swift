import Engine
import Foundation
import StatesInterpreter
import StatesLanguage
import Store
import Synchronization
import TimeSource

extension ExecutionTemplate {
    private static let tasks = 12

    private static var definition: String {
        let states = (1...tasks).map { number in
            let after = number < tasks ? #""Next":"T\#(number + 1)""# : #""End":true"#
            return #"""
                "T\#(number)":{"Type":"Task","Resource":"arn:aws:states:::sns:publish.waitForTaskToken","TimeoutSeconds":3600,
                "Parameters":{"TopicArn":"arn:aws:sns:us-east-1:000000000000:bench-callbacks","Message.$":"$$.Task.Token"},
                "ResultPath":"$.last",\#(after)}
                """#
        }
        return #"{"StartAt":"T1","States":{\#(states.joined(separator: ","))}}"#
    }

    /// Runs one execution of tasks with callbacks on a scratch database, and takes down what a step writes: the callback that ends one
    /// task and schedules the next, and the answer to the next one's dispatch.
    ///
    /// On a clock that moves alike in each step every number of a step differs from the one before by the same amount, so that two
    /// steps tell all others.
    static func recordTaskStep(in directory: String) async throws -> ExecutionTemplate {
        try await withScratch(directory) { path in
            let recorder = Recorder()
            let clock = ManualClock()
            let desk = TokenDesk()
            let work = LiveEngine.Work(definition: definition, performer: desk, clock: clock, wrap: recorder.wrap)
            return try await LiveEngine.with(path: path, work) { live in
                try await live.start(1)
                var steps: [[Statement]] = []
                for answered in 0..<(tasks - 4) {
                    let token = try await desk.token(number: answered)
                    try await settle(live)
                    steps.append(recorder.takeStatements())
                    clock.advance(by: .milliseconds(10))
                    let output = try JSONDocument(parsing: Array(#"{"answer":1}"#.utf8))
                    try await live.engine.completeTask(token: token, account: LiveEngine.account) { .taskSucceeded($0, output: output) }
                }
                guard let record = try await newest(live) else {
                    throw LiveEngine.Missing(description: "the recorded execution is not there")
                }
                return try ExecutionTemplate(step: steps[steps.count - 2], next: steps[steps.count - 1], of: record.id.value)
            }
        }
    }

    /// Returns when the dispatch of the task that was scheduled last is durable too: nothing is written any more.
    private static func settle(_ live: LiveEngine) async throws {
        var quiet = 0
        var groups: Int64 = -1
        while quiet < 5 {
            try await Task.sleep(for: .milliseconds(10))
            let now = try await EngineRun.groupCount(live.database)
            quiet = now == groups ? quiet + 1 : 0
            groups = now
        }
    }

    private init(step: [Statement], next: [Statement], of id: Int64) throws {
        guard step.map(\.sql) == next.map(\.sql), !step.isEmpty else {
            throw LiveEngine.Missing(description: "two steps of tasks wrote different statements")
        }
        parts = zip(step, next).map { statement, following in
            // Places of one execution in the outbox lie apart from those of the others.
            let spread: Int64 = statement.sql.contains("outbox") ? 1 << 24 : 0
            let slots = zip(statement.values, following.values).map { value, then -> Slot in
                switch (value, then) {
                case (.integer(id), _): .id
                case (.integer(let first), .integer(let second)) where first != second:
                    .moving(from: first, step: second - first, spread: spread)
                default: .fixed(value)
                }
            }
            return Part(sql: statement.sql, slots: slots, expectation: .any)
        }
    }
}

/// Takes what tasks send, and hands out their tokens in order.
private final class TokenDesk: EffectPerformer {
    private let tokens = Mutex<[String]>([])

    func effectClass(of resource: TaskResource, account: String) -> EffectClass { .deduplicated }

    func perform(_ call: EffectCall) async -> EffectOutcome {
        tokens.withLock { $0.append(call.request.taskToken ?? "") }
        let answer = #"{"MessageId":"00000000-0000-4000-8000-000000000000"}"#
        guard let document = try? JSONDocument(parsing: Array(answer.utf8)) else {
            return .failed(TaskFailure(error: "Unexpected", cause: nil))
        }
        return .submitted(document)
    }

    /// The token of the task with this number, once it was dispatched.
    func token(number: Int) async throws -> String {
        while true {
            if let token = tokens.withLock({ $0.count > number ? $0[number] : nil }) { return token }
            try await Task.sleep(for: .milliseconds(1))
        }
    }
}
