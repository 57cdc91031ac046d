import CLibpq
import Store

/// A session of the server. Process numbers come again; together with its start the session is known for good.
struct PostgresSession: Sendable, Hashable {
    /// The process that serves the session.
    let process: Int64
    /// When it began, in microseconds since 1970 by the server's clock.
    let startedAt: Int64
}

/// What a server must be like so that the store can keep its promises, checked on every connection.
enum PostgresRequirements {
    /// The oldest version, as libpq counts.
    private static let oldestVersion = 150_000

    private static let query = """
        SELECT current_setting('server_encoding'),
               CASE WHEN datlocprovider = 'i' THEN 'icu' ELSE datcollate END,
               current_setting('fsync'), current_setting('synchronous_commit'), pg_is_in_recovery(),
               pg_backend_pid(), (SELECT CAST(EXTRACT(EPOCH FROM backend_start) * 1000000 AS BIGINT)
                                  FROM pg_stat_activity WHERE pid = pg_backend_pid())
        FROM pg_database WHERE datname = current_database()
        """

    /// Checks the server behind a new connection and sets the session up.
    ///
    /// - Throws: `.unavailable`, in words that tell the operator what to change.
    static func check(_ connection: OpaquePointer) throws(StoreError) -> PostgresSession {
        let version = Int(clibpq_serverVersion(connection))
        guard version >= oldestVersion else {
            throw unfit("the server is PostgreSQL \(version / 10_000).\(version % 10_000), version 15 or later is needed")
        }
        let values = try run(query, connection)
        guard values.count == 7, let process = Int64(values[5]), let startedAt = Int64(values[6]) else {
            throw unfit("the server does not describe itself")
        }
        guard values[0] == "UTF8" else {
            throw unfit("the database's encoding is \(values[0]), not UTF8: create it with ENCODING 'UTF8' TEMPLATE template0")
        }
        // Texts are compared by their bytes everywhere; another order would make pages of listings overlap.
        guard values[1] == "C" || values[1] == "POSIX" else {
            throw unfit("the database's collation is \(values[1]), not C: create it with LC_COLLATE 'C' TEMPLATE template0")
        }
        guard values[2] == "on" else { throw unfit("fsync is \(values[2]): a power cut would lose what was acknowledged; set it on") }
        guard values[3] == "on" || values[3] == "remote_apply" else {
            throw unfit(
                "synchronous_commit is \(values[3]): a crash would lose what was acknowledged; set it on for this role or database")
        }
        guard values[4] == "f" else { throw unfit("the server is a standby, which cannot be written") }
        // From here on a reloaded configuration changes nothing for this session.
        _ = try run("SET synchronous_commit = \(values[3]); \(PostgresDialect.session)", connection)
        return PostgresSession(process: process, startedAt: startedAt)
    }

    private static func unfit(_ detail: String) -> StoreError { StoreError(.unavailable, detail: detail) }

    private static func run(_ sql: String, _ connection: OpaquePointer) throws(StoreError) -> [String] {
        guard let result = clibpq_exec(connection, sql) else { throw unfit("out of memory") }
        defer { clibpq_clear(result) }
        switch clibpq_resultStatus(result) {
        case CLIBPQ_COMMAND_OK: return []
        case CLIBPQ_TUPLES_OK:
            guard clibpq_ntuples(result) == 1 else { return [] }
            return (0..<clibpq_nfields(result)).map { column in
                clibpq_getvalue(result, 0, column).map { String(cString: $0) } ?? ""
            }
        default:
            let message = clibpq_resultErrorField(result, CLIBPQ_DIAG_MESSAGE_PRIMARY).map { String(cString: $0) }
            throw unfit("the server cannot be asked: \(message ?? "the connection was lost")")
        }
    }
}
