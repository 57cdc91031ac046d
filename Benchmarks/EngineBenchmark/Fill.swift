import DatabaseSQLite
import Foundation
import Store
import TimeSource

/// Puts finished executions of the pass chain into a server's database, through the store's own `apply`, while no server runs on it.
///
/// They lie in the past thirty days, each as the engine writes it: name, row and history.
struct Fill {
    private let path: String
    private let machine: String
    private let count: Int
    private let names: FillNames
    private let sample: String?

    /// Executions in a batch.
    private static let batch = 500
    /// Batches handed over at a time.
    private static let window = 8

    /// Fills `--database` with `--count` executions of `--machine`, whose names are `--names`; leaves some names in `--sample`.
    init(_ arguments: Arguments) throws {
        path = try arguments.text("database")
        machine = try arguments.text("machine")
        count = try arguments.integer("count")
        names = try FillNames(try arguments.text("names"), count: count)
        sample = arguments.optional("sample")
    }

    /// Fills, and prints the figures.
    func run() async throws {
        let template = try await ExecutionTemplate.recordPassChain(in: URL(fileURLWithPath: path).deletingLastPathComponent().path)
        let database = try await SQLiteDatabase.open(path: path)
        try await Migrator.migrate(database)
        let found = try await database.read { [machine] in try StateMachineStore.find(name: machine, account: LiveEngine.account, in: $0) }
        guard let number = found?.id else { throw LiveEngine.Missing(description: "there is no state machine \(machine)") }
        let past = Past(count: count, names: names, machine: number, now: LiveClock().now)
        let began = ContinuousClock.now
        if names.isOrdered {
            try await apply(template, to: database, past.byTime)
        } else {
            // Random names go in by the order of the names, or most of the time would be spent on pages of that one index.
            let isName = { (sql: String) in sql.hasPrefix("INSERT INTO execution_name ") }
            try await apply(template.parts(where: isName), to: database, past.byName)
            try await apply(template.parts(where: { !isName($0) }), to: database, past.byTime)
        }
        let seconds = (ContinuousClock.now - began) / .seconds(1)
        await database.close()
        try writeSample(past)
        Report([
            "executions": .integer(count), "seconds": .real(seconds),
            "rows_per_second": .real(Double(count * template.parts.count) / seconds), "per_second": .real(Double(count) / seconds),
        ]).print()
    }

    /// Applies the template's statements for all executions, in the order that `identity` gives them.
    private func apply(
        _ template: ExecutionTemplate, to database: any Database, _ identity: @escaping @Sendable (Int) -> ExecutionTemplate.Identity
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            var running = 0
            for first in stride(from: 0, to: count, by: Fill.batch) {
                if running == Fill.window {
                    try await tasks.next()
                    running -= 1
                }
                let batch = (first..<min(count, first + Fill.batch)).flatMap { template.statements(identity($0)) }
                tasks.addTask { try await database.apply(batch) }
                running += 1
            }
            try await tasks.waitForAll()
        }
    }

    /// Leaves the names of a thousand executions, spread evenly.
    private func writeSample(_ past: Past) throws {
        guard let sample else { return }
        let lines = stride(from: 0, to: count, by: max(1, count / 1_000)).map { past.byTime($0).name + "\n" }
        try lines.joined().write(toFile: sample, atomically: false, encoding: .utf8)
    }
}

/// The executions that are filled in, each computed from its place.
private struct Past: Sendable {
    let count: Int
    let names: FillNames
    let machine: Int64
    let now: Timestamp

    private static let span: Int64 = 30 * 86_400_000

    /// Execution `index` in the order of time.
    func byTime(_ index: Int) -> ExecutionTemplate.Identity {
        let time = Timestamp(milliseconds: now.milliseconds - Past.span - 60_000 + Past.span / Int64(count) * Int64(index))
        let shard = Int(truncatingIfNeeded: mixed(UInt64(index)) & 0x3FF)
        return ExecutionTemplate.Identity(
            id: ExecutionID(startedAt: time, shard: shard, sequence: index & 0xFFF), machine: machine,
            name: names.name(ofExecution: index, at: time), time: time)
    }

    /// Execution `index` in the order of names.
    func byName(_ index: Int) -> ExecutionTemplate.Identity { byTime(names.execution(ofName: index)) }
}
