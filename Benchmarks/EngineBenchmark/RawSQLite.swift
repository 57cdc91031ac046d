import CSQLite
import DatabaseSQLite
import Foundation
import Store
import Threading
import TimeSource

/// The yardstick of the store: SQLite's own interface, prepared statements, one thread and nothing else, committing the same rows and
/// bytes as the engine, in groups of a given size; write-ahead log, `synchronous=FULL`, checkpoints on another
/// thread. Before the measurement the log is brought to its full length, as that of a server that has run for a while is: appending
/// to it costs more than writing over what is there.
///
/// The work is whole executions of the pass chain, or steps of tasks in a thousand executions in turn.
struct RawSQLite {
    private let directory: String
    private let duration: Duration
    private let group: Int
    private let isTaskStep: Bool

    private static let lanes = 1_000
    /// The log begins anew at so many frames (64 MiB), and is moved into the file in steps of so many: as the engine does it.
    private static let longLog = 16_384
    private static let checkpointStep = 2_048

    /// A run of `--seconds` in groups of `--group`, with the rows of `--work`, in `--directory`.
    init(_ arguments: Arguments) throws {
        directory = try arguments.text("directory")
        duration = try arguments.seconds("seconds")
        group = max(1, try arguments.integer("group"))
        isTaskStep = try arguments.text("work") == "task-step"
    }

    /// Measures, and prints the figures.
    func run() async throws {
        let template =
            isTaskStep
            ? try await ExecutionTemplate.recordTaskStep(in: directory) : try await ExecutionTemplate.recordPassChain(in: directory)
        let path = directory + "/raw.db"
        // The engine's schema, from the engine's own migrations.
        let sqlite = try await SQLiteDatabase.open(path: path)
        try await Migrator.migrate(sqlite)
        await sqlite.close()
        let (count, seconds, longest) = try measure(template, path)
        Report([
            "count": .integer(count), "seconds": .real(seconds), "per_second": .real(Double(count) / seconds),
            "rows_per_second": .real(Double(count * template.parts.count) / seconds), "group": .integer(group),
            "statements_each": .integer(template.parts.count), "bytes_each": .integer(template.payloadBytes),
            "longest_group_ms": .real(longest / .milliseconds(1)),
        ]).print()
    }

    private func measure(_ template: ExecutionTemplate, _ path: String) throws -> (Int, Double, Duration) {
        let connection = try Connection(path)
        let statements = try template.parts.map { (try connection.prepare($0.sql), $0.slots) }
        let begin = try connection.prepare("BEGIN IMMEDIATE")
        let commit = try connection.prepare("COMMIT")
        let checkpoints = Mailbox<Void>()
        let checkpointer = DedicatedThread(name: "checkpoint") {
            guard let own = try? Connection(path) else { return }
            while checkpoints.drain() != nil { own.checkpoint() }
        }
        let identifiers = IdentifierSource(clock: LiveClock(), random: SystemRandomSource())
        var count = 0
        var asked = 0
        func commitGroup() throws {
            let now = LiveClock().now
            try connection.step(begin)
            for number in count..<(count + group) {
                let identity = identity(number, now: now, identifiers)
                for (prepared, slots) in statements { try connection.step(prepared, slots, identity) }
            }
            try connection.step(commit)
            count += group
            if connection.logFrames >= RawSQLite.longLog {
                connection.checkpoint()
                asked = 0
            } else if connection.logFrames - asked >= RawSQLite.checkpointStep {
                checkpoints.post(())
                asked = connection.logFrames
            }
        }
        try connection.execute("PRAGMA synchronous=OFF")
        while connection.logFrames < RawSQLite.longLog - 1_000 { try commitGroup() }
        connection.checkpoint()
        try connection.execute("PRAGMA synchronous=FULL")
        let before = count
        var longest = Duration.zero
        let began = ContinuousClock.now
        var now = began
        while now < began + duration {
            try commitGroup()
            let after = ContinuousClock.now
            longest = max(longest, after - now)
            now = after
        }
        checkpoints.close()
        checkpointer.join()
        return (count - before, (now - began) / .seconds(1), longest)
    }

    /// The piece of work with this number: an execution of its own, or the next step of one of a thousand.
    private func identity(_ number: Int, now: Timestamp, _ identifiers: IdentifierSource) -> ExecutionTemplate.Identity {
        if isTaskStep {
            let lane = number % RawSQLite.lanes
            return ExecutionTemplate.Identity(
                id: ExecutionID(startedAt: Timestamp(milliseconds: 1_767_225_600_000 + Int64(lane)), shard: lane, sequence: 0), machine: 1,
                name: "", time: now, round: Int64(number / RawSQLite.lanes), lane: Int64(lane))
        }
        return ExecutionTemplate.Identity(
            id: ExecutionID(startedAt: now, shard: number / 4_096 % 1_024, sequence: number % 4_096), machine: 1,
            name: identifiers.orderedUUID(), time: now)
    }
}

/// SQLite as C has it. Used by one thread; its statements live as long as the process.
private final class Connection {
    /// What SQLite says.
    struct Failure: Error {
        let message: String
    }

    /// Where SQLite notes the length of the log.
    private final class LogLength {
        var frames = 0
    }

    private let handle: OpaquePointer
    private let log = LogLength()

    /// Frames (pages) in the log after this connection's last commit.
    var logFrames: Int { log.frames }

    init(_ path: String) throws {
        var opened: OpaquePointer?
        guard sqlite3_open_v2(path, &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nil) == SQLITE_OK, let opened else {
            throw Failure(message: "cannot open \(path)")
        }
        handle = opened
        sqlite3_busy_timeout(handle, 10_000)
        for pragma in ["journal_mode=WAL", "synchronous=FULL", "cache_size=-65536", "temp_store=MEMORY"] {
            try execute("PRAGMA \(pragma)")
        }
        // Takes the place of SQLite's own hook, which would checkpoint within a commit.
        sqlite3_wal_hook(
            handle,
            { context, _, _, frames in
                if let context { Unmanaged<LogLength>.fromOpaque(context).takeUnretainedValue().frames = Int(frames) }
                return SQLITE_OK
            }, Unmanaged.passUnretained(log).toOpaque())
    }

    func execute(_ sql: String) throws {
        guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else { throw failure() }
    }

    func checkpoint() {
        sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
    }

    func prepare(_ sql: String) throws -> OpaquePointer {
        var statement: OpaquePointer?
        guard sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil) == SQLITE_OK, let statement else {
            throw failure()
        }
        return statement
    }

    func step(_ statement: OpaquePointer, _ slots: [ExecutionTemplate.Slot], _ identity: ExecutionTemplate.Identity) throws {
        for (index, slot) in slots.enumerated() {
            let place = Int32(index + 1)
            switch slot {
            case .id: sqlite3_bind_int64(statement, place, identity.id.value)
            case .machine: sqlite3_bind_int64(statement, place, identity.machine)
            case .name: sqlite3_bind_text(statement, place, identity.name, -1, nightshift_sqlite_transient())
            case .time: sqlite3_bind_int64(statement, place, identity.time.milliseconds)
            case .moving(let first, let step, let spread):
                sqlite3_bind_int64(statement, place, first + step * identity.round + spread * identity.lane)
            case .fixed(.null): sqlite3_bind_null(statement, place)
            case .fixed(.integer(let number)): sqlite3_bind_int64(statement, place, number)
            case .fixed(.real(let number)): sqlite3_bind_double(statement, place, number)
            case .fixed(.text(let text)): sqlite3_bind_text(statement, place, text, -1, nightshift_sqlite_transient())
            case .fixed(.blob(let bytes)):
                sqlite3_bind_blob(statement, place, bytes, Int32(bytes.count), nightshift_sqlite_transient())
            }
        }
        try step(statement)
    }

    func step(_ statement: OpaquePointer) throws {
        let code = sqlite3_step(statement)
        sqlite3_reset(statement)
        guard code == SQLITE_DONE || code == SQLITE_ROW else { throw failure() }
    }

    private func failure() -> Failure { Failure(message: String(cString: sqlite3_errmsg(handle))) }
}
