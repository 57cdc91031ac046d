import CSQLite
import Store

/// One SQLite connection with its prepared statements. Belongs to one thread at a time; its owner sees to that.
final class SQLiteConnection {
    let handle: OpaquePointer
    private var prepared: [String: OpaquePointer] = [:]
    private let log = LogLength()

    /// How the connection will be used.
    enum Role {
        case writer
        case reader
        case checkpointer
    }

    /// Opens the file, which the writer creates when it is missing.
    init(path: String, role: Role) throws(StoreError) {
        var opened: OpaquePointer?
        let create = role == .writer ? SQLITE_OPEN_CREATE : 0
        let code = sqlite3_open_v2(path, &opened, SQLITE_OPEN_READWRITE | create | SQLITE_OPEN_NOMUTEX, nil)
        guard code == SQLITE_OK, let opened else {
            let detail = opened.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
            sqlite3_close_v2(opened)
            throw StoreError(.unavailable, detail: "cannot open \(path): \(detail)")
        }
        handle = opened
        sqlite3_extended_result_codes(handle, 1)
        sqlite3_busy_timeout(handle, 10_000)
        if role == .writer {
            let mode = try run("PRAGMA journal_mode=WAL", []).rows.first?.values.first?.text
            guard mode == "wal" else {
                throw StoreError(.unavailable, detail: "\(path): this file system takes no write-ahead log (\(mode ?? "no mode"))")
            }
            // In the place of SQLite's own hook, which would checkpoint within a commit.
            sqlite3_wal_hook(
                handle,
                { context, _, _, frames in
                    if let context { Unmanaged<LogLength>.fromOpaque(context).takeUnretainedValue().frames = Int(frames) }
                    return SQLITE_OK
                }, Unmanaged.passUnretained(log).toOpaque())
        }
        if role == .reader { try execute("PRAGMA query_only=1") }
        try execute("PRAGMA synchronous=FULL")
        try execute("PRAGMA temp_store=MEMORY")
        try execute("PRAGMA cache_size=-65536")
    }

    deinit {
        for statement in prepared.values { sqlite3_finalize(statement) }
        sqlite3_close_v2(handle)
    }

    /// How many frames (pages) the write-ahead log has after this connection's last commit.
    var logFrames: Int { log.frames }

    /// Runs SQL without values, for transactions and pragmas.
    func execute(_ sql: String) throws(StoreError) {
        _ = try run(sql, [])
    }

    /// Runs a statement and takes all its rows. The statement stays prepared for the next time.
    func run(_ sql: String, _ values: [SQLValue]) throws(StoreError) -> StatementResult {
        let statement = try prepare(sql)
        defer {
            sqlite3_reset(statement)
            sqlite3_clear_bindings(statement)
        }
        guard values.count == Int(sqlite3_bind_parameter_count(statement)) else {
            throw StoreError(.invalidStatement, detail: "\(values.count) values for: \(sql)")
        }
        for (index, value) in values.enumerated() { try bind(value, at: Int32(index + 1), of: statement) }
        let columns = sqlite3_column_count(statement)
        var rows: [Row] = []
        while true {
            let code = sqlite3_step(statement)
            if code == SQLITE_ROW {
                rows.append(Row((0..<columns).map { SQLiteConnection.value(statement, $0) }))
            } else if code == SQLITE_DONE {
                let changes = sqlite3_stmt_readonly(statement) != 0 ? 0 : Int(sqlite3_changes(handle))
                return StatementResult(changes: changes, rows: rows)
            } else {
                throw error(code, sql: sql)
            }
        }
    }

    /// Moves what it can from the write-ahead log to the database file without blocking readers or the writer.
    /// - Returns: pages in the log, and pages moved so far.
    func checkpoint() throws(StoreError) -> (log: Int, moved: Int) {
        var log: Int32 = 0
        var moved: Int32 = 0
        let code = sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_PASSIVE, &log, &moved)
        guard code == SQLITE_OK || code == SQLITE_BUSY else { throw error(code, sql: "checkpoint") }
        return (Int(log), Int(moved))
    }

    private func prepare(_ sql: String) throws(StoreError) -> OpaquePointer {
        if let statement = prepared[sql] { return statement }
        var statement: OpaquePointer?
        let code = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        guard code == SQLITE_OK, let statement else { throw error(code, sql: sql) }
        prepared[sql] = statement
        return statement
    }

    private func bind(_ value: SQLValue, at index: Int32, of statement: OpaquePointer) throws(StoreError) {
        let code =
            switch value {
            case .null: sqlite3_bind_null(statement, index)
            case .integer(let number): sqlite3_bind_int64(statement, index, number)
            case .real(let number): sqlite3_bind_double(statement, index, number)
            case .text(let text): SQLiteConnection.bind(text, at: index, of: statement)
            case .blob(let bytes):
                bytes.isEmpty
                    ? sqlite3_bind_zeroblob(statement, index, 0)
                    : bytes.withUnsafeBytes {
                        sqlite3_bind_blob64(
                            statement, index, $0.baseAddress, UInt64($0.count), nightshift_sqlite_transient())
                    }
            }
        guard code == SQLITE_OK else { throw error(code, sql: "bind") }
    }

    private static func bind(_ text: String, at index: Int32, of statement: OpaquePointer) -> Int32 {
        var text = text
        return text.withUTF8 { utf8 in
            utf8.withMemoryRebound(to: CChar.self) { characters in
                // An empty Swift string may have no address, which SQLite would take as NULL.
                characters.baseAddress == nil
                    ? sqlite3_bind_text(statement, index, "", 0, nightshift_sqlite_transient())
                    : sqlite3_bind_text(
                        statement, index, characters.baseAddress, Int32(characters.count), nightshift_sqlite_transient())
            }
        }
    }

    private static func value(_ statement: OpaquePointer, _ column: Int32) -> SQLValue {
        switch sqlite3_column_type(statement, column) {
        case SQLITE_INTEGER: return .integer(sqlite3_column_int64(statement, column))
        case SQLITE_FLOAT: return .real(sqlite3_column_double(statement, column))
        case SQLITE_TEXT:
            guard let bytes = sqlite3_column_text(statement, column) else { return .text("") }
            let count = Int(sqlite3_column_bytes(statement, column))
            return .text(String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self))
        case SQLITE_BLOB:
            let count = Int(sqlite3_column_bytes(statement, column))
            guard count > 0, let bytes = sqlite3_column_blob(statement, column) else { return .blob([]) }
            return .blob(Array(UnsafeRawBufferPointer(start: bytes, count: count)))
        default: return .null
        }
    }

    private func error(_ code: Int32, sql: String) -> StoreError {
        let detail = "\(String(cString: sqlite3_errmsg(handle))) (\(code)) in: \(sql)"
        switch code & 0xFF {
        case SQLITE_CONSTRAINT: return StoreError(.conflict, detail: detail)
        case SQLITE_FULL: return StoreError(.full, detail: detail)
        case SQLITE_CORRUPT, SQLITE_NOTADB: return StoreError(.corrupted, detail: detail)
        case SQLITE_ERROR, SQLITE_MISUSE, SQLITE_RANGE, SQLITE_MISMATCH, SQLITE_TOOBIG: return StoreError(.invalidStatement, detail: detail)
        default: return StoreError(.unavailable, detail: detail)
        }
    }
}

/// Where SQLite tells the length of the write-ahead log. Belongs to the connection's thread.
private final class LogLength {
    var frames = 0
}
