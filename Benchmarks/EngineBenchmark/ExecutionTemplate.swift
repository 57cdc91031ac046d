import Engine
import Foundation
import Store
import TimeSource

/// The statements of one piece of work as the engine wrote them (a whole execution of the pass chain, or one step of a task), from
/// which those of others are made.
struct ExecutionTemplate: Sendable {
    /// What stands in a place of a statement.
    enum Slot: Sendable {
        case id
        case machine
        case name
        case time
        /// A number that is another one in each round, by `step`, and in each lane, by `spread`.
        case moving(from: Int64, step: Int64, spread: Int64)
        /// The same always.
        case fixed(SQLValue)
    }

    /// A statement with what stands in its places.
    struct Part: Sendable {
        let sql: String
        let slots: [Slot]
        let expectation: Statement.Expectation
    }

    /// What is different in each piece of work.
    struct Identity {
        let id: ExecutionID
        let machine: Int64
        let name: String
        let time: Timestamp
        /// How many pieces of the same execution went before.
        var round: Int64 = 0
        /// Which of the executions that are worked on in turn.
        var lane: Int64 = 0
    }

    /// The statements, in order.
    let parts: [Part]

    /// Those of the statements whose text fulfils a condition.
    func parts(where condition: (String) -> Bool) -> ExecutionTemplate {
        ExecutionTemplate(parts: parts.filter { condition($0.sql) })
    }

    /// The statements of another piece of work.
    func statements(_ identity: Identity) -> [Statement] {
        parts.map { part in
            let values = part.slots.map { slot -> SQLValue in
                switch slot {
                case .id: .integer(identity.id.value)
                case .machine: .integer(identity.machine)
                case .name: .text(identity.name)
                case .time: .integer(identity.time.milliseconds)
                case .moving(let first, let step, let spread): .integer(first + step * identity.round + spread * identity.lane)
                case .fixed(let value): value
                }
            }
            return Statement(part.sql, values, expecting: part.expectation)
        }
    }

    /// The bytes of texts and blobs in the statements of one piece of work, and 8 for each number.
    var payloadBytes: Int {
        parts.flatMap(\.slots).reduce(0) { sum, slot in
            switch slot {
            case .name: sum + 36
            case .fixed(.text(let text)): sum + text.utf8.count
            case .fixed(.blob(let bytes)): sum + bytes.count
            case .fixed(.null): sum
            case .id, .machine, .time, .moving, .fixed: sum + 8
            }
        }
    }
}

extension ExecutionTemplate {
    /// Runs one execution of the pass chain on a scratch database in `directory` and takes down what it wrote.
    static func recordPassChain(in directory: String) async throws -> ExecutionTemplate {
        try await withScratch(directory) { path in
            let recorder = Recorder()
            return try await LiveEngine.with(path: path, LiveEngine.Work(wrap: recorder.wrap)) { live in
                // The first start may write more than others do; the second is as all are.
                try await live.start(1)
                _ = recorder.takeStatements()
                try await live.start(2)
                let statements = recorder.takeStatements()
                guard let record = try await newest(live), record.status == .succeeded else {
                    throw LiveEngine.Missing(description: "the recorded execution has not succeeded")
                }
                return ExecutionTemplate(statements, of: record)
            }
        }
    }

    private init(_ statements: [Statement], of record: ExecutionRecord) {
        let times = Set([record.startedAt.milliseconds, record.stoppedAt?.milliseconds].compactMap { $0 })
        parts = statements.map { statement in
            let slots = statement.values.map { value -> Slot in
                switch value {
                case .integer(record.id.value): .id
                case .integer(record.machine): .machine
                case .integer(let number) where times.contains(number): .time
                case .text(record.name): .name
                default: .fixed(value)
                }
            }
            return Part(sql: statement.sql, slots: slots, expectation: statement.expectation)
        }
    }

    /// Runs `body` with the path of a database that is deleted afterwards.
    static func withScratch<Value>(_ directory: String, _ body: (String) async throws -> Value) async throws -> Value {
        let path = directory + "/template.db"
        defer { for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) } }
        return try await body(path)
    }

    /// The execution that was started last.
    static func newest(_ live: LiveEngine) async throws -> ExecutionRecord? {
        let filter = ExecutionStore.ListFilter(
            machine: live.machine.record.id, status: nil, before: nil, from: ExecutionID(value: 0))
        return try await live.database.read { try ExecutionStore.list(filter, limit: 1, in: $0).records.first }
    }
}

/// Keeps the recording database that it puts between engine and store.
final class Recorder {
    private var database: RecordingDatabase?

    /// Puts the recording between.
    func wrap(_ base: any Database) -> any Database {
        let recording = RecordingDatabase(base)
        database = recording
        return recording
    }

    /// The statements that were handed over since the last call.
    func takeStatements() -> [Statement] { database?.takeStatements() ?? [] }
}
