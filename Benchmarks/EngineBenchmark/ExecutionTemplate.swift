import Engine
import Foundation
import Store
import TimeSource

/// The statements of one pass-chain execution as the engine wrote them, from which those of others are made.
struct ExecutionTemplate {
    /// The statements, in order.
    let statements: [Statement]
    private let id: Int64
    private let machine: Int64
    private let name: String
    private let times: Set<Int64>

    /// What is different in each execution.
    struct Identity {
        let id: ExecutionID
        let machine: Int64
        let name: String
        let time: Timestamp
    }

    /// Runs one execution on a scratch database in `directory` and takes down what it wrote.
    static func record(in directory: String) async throws -> ExecutionTemplate {
        let path = directory + "/template.db"
        defer { for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) } }
        let recorder = Recorder()
        return try await LiveEngine.with(path: path, wrap: recorder.wrap) { live in
            // The first start may write more than others do; the second is as all are.
            try await live.start(1)
            _ = recorder.takeStatements()
            try await live.start(2)
            let statements = recorder.takeStatements()
            let record = try await live.database.read { transaction in
                try ExecutionStore.list(
                    ExecutionStore.ListFilter(
                        machine: live.machine.record.id, status: .succeeded, before: nil, from: ExecutionID(value: 0)),
                    limit: 1, in: transaction
                ).records.first
            }
            guard let record else { throw LiveEngine.Missing(description: "the recorded execution has not succeeded") }
            return ExecutionTemplate(statements: statements, of: record)
        }
    }

    private init(statements: [Statement], of record: ExecutionRecord) {
        self.statements = statements
        id = record.id.value
        machine = record.machine
        name = record.name
        times = Set([record.startedAt.milliseconds, record.stoppedAt?.milliseconds].compactMap { $0 })
    }

    /// What stands in a place of a statement.
    enum Slot {
        case id
        case machine
        case name
        case time
        /// The same in every execution.
        case fixed(SQLValue)
    }

    /// What stands in each place of a statement.
    func slots(of statement: Statement) -> [Slot] {
        statement.values.map { value in
            switch value {
            case .integer(id): .id
            case .integer(let number) where times.contains(number): .time
            case .integer(machine): .machine
            case .text(name): .name
            default: .fixed(value)
            }
        }
    }

    /// A statement for another execution.
    func statement(_ statement: Statement, _ slots: [Slot], _ identity: Identity) -> Statement {
        let values = slots.map { slot -> SQLValue in
            switch slot {
            case .id: .integer(identity.id.value)
            case .machine: .integer(identity.machine)
            case .name: .text(identity.name)
            case .time: .integer(identity.time.milliseconds)
            case .fixed(let value): value
            }
        }
        return Statement(statement.sql, values, expecting: statement.expectation)
    }

    /// The bytes of texts and blobs in one execution's statements, and 8 for each number.
    var payloadBytes: Int {
        statements.flatMap(\.values).reduce(0) { sum, value in
            switch value {
            case .text(let text): sum + text.utf8.count
            case .blob(let bytes): sum + bytes.count
            case .integer, .real: sum + 8
            case .null: sum
            }
        }
    }
}

/// Keeps the recording database that it puts between engine and store.
private final class Recorder {
    private var database: RecordingDatabase?

    func wrap(_ base: any Database) -> any Database {
        let recording = RecordingDatabase(base)
        database = recording
        return recording
    }

    func takeStatements() -> [Statement] { database?.takeStatements() ?? [] }
}
