import TimeSource

/// Functions and their versions.
package enum FunctionStore {
    private static let columns = """
        f.account, f.name, f.revision_id, f.last_version, f.reserved_concurrency, f.created_at,
        v.version, v.revision_id, v.runtime, v.role_arn, v.handler, v.description, v.timeout, v.memory_size, v.environment,
        v.code_sha256, v.code_size, v.settings, v.updated_at
        FROM function f JOIN function_version v ON v.account = f.account AND v.name = f.name
        """

    // MARK: - Changes

    /// Creates a function with its `$LATEST`. A name that is taken is a conflict.
    package static func create(_ record: FunctionRecord) -> [Statement] {
        [
            Statement(
                """
                INSERT INTO function (account, name, revision_id, last_version, reserved_concurrency, created_at)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
                [
                    .text(record.account), .text(record.name), .text(record.revisionID), .integer(record.lastVersion),
                    .integer(record.reservedConcurrency), .integer(record.createdAt.milliseconds),
                ]),
            insert(record.version, of: record),
        ]
    }

    /// Writes a changed function: its own facts and its `$LATEST`. A conflict when it is no longer at `revision`.
    package static func update(_ record: FunctionRecord, from revision: String) -> [Statement] {
        let version = record.version
        return [
            touch(record, from: revision),
            Statement(
                """
                UPDATE function_version SET revision_id = ?, runtime = ?, role_arn = ?, handler = ?, description = ?, timeout = ?,
                    memory_size = ?, environment = ?, code_sha256 = ?, code_size = ?, settings = ?, updated_at = ?
                WHERE account = ? AND name = ? AND version = 0
                """,
                [
                    .text(version.revisionID), .text(version.runtime), .text(version.roleARN), .text(version.handler),
                    .text(version.description), .integer(version.timeout), .integer(version.memorySize), .blob(version.environment),
                    .blob(version.codeSHA256), .integer(version.codeSize), .blob(version.settings),
                    .integer(version.updatedAt.milliseconds), .text(record.account), .text(record.name),
                ], expecting: .changes(1)),
        ]
    }

    /// Adds a published version, whose number is the function's `lastVersion`. A conflict when the function is no longer at `revision`.
    package static func publish(_ version: FunctionVersionRecord, of record: FunctionRecord, from revision: String) -> [Statement] {
        [touch(record, from: revision), insert(version, of: record)]
    }

    /// Deletes a function with all that belongs to it. A conflict when it is no longer at `revision`.
    package static func delete(name: String, account: String, from revision: String) -> [Statement] {
        [
            Statement(
                "DELETE FROM function WHERE account = ? AND name = ? AND revision_id = ?",
                [.text(account), .text(name), .text(revision)], expecting: .changes(1)),
            Statement("DELETE FROM function_version WHERE account = ? AND name = ?", [.text(account), .text(name)]),
            Statement("DELETE FROM function_policy WHERE account = ? AND name = ?", [.text(account), .text(name)]),
        ]
    }

    /// Deletes a published version; no error when it is absent.
    package static func delete(version: Int64, name: String, account: String) -> [Statement] {
        [
            Statement(
                "DELETE FROM function_version WHERE account = ? AND name = ? AND version = ? AND version > 0",
                [.text(account), .text(name), .integer(version)]),
            Statement(
                "DELETE FROM function_policy WHERE account = ? AND name = ? AND qualifier = ?",
                [.text(account), .text(name), .text("\(version)")]),
        ]
    }

    private static func touch(_ record: FunctionRecord, from revision: String) -> Statement {
        Statement(
            """
            UPDATE function SET revision_id = ?, last_version = ?, reserved_concurrency = ?
            WHERE account = ? AND name = ? AND revision_id = ?
            """,
            [
                .text(record.revisionID), .integer(record.lastVersion), .integer(record.reservedConcurrency), .text(record.account),
                .text(record.name), .text(revision),
            ], expecting: .changes(1))
    }

    private static func insert(_ version: FunctionVersionRecord, of function: FunctionRecord) -> Statement {
        Statement(
            """
            INSERT INTO function_version (account, name, version, revision_id, runtime, role_arn, handler, description, timeout,
                memory_size, environment, code_sha256, code_size, settings, updated_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(function.account), .text(function.name), .integer(version.number), .text(version.revisionID),
                .text(version.runtime), .text(version.roleARN), .text(version.handler), .text(version.description),
                .integer(version.timeout), .integer(version.memorySize), .blob(version.environment), .blob(version.codeSHA256),
                .integer(version.codeSize), .blob(version.settings), .integer(version.updatedAt.milliseconds),
            ])
    }

    // MARK: - Reading

    /// A version of a function, nil when there is none.
    package static func find(
        name: String, account: String, version: Int64 = FunctionVersionRecord.latest, in transaction: any ReadTransaction
    ) throws(StoreError) -> FunctionRecord? {
        guard
            let row = try transaction.row(
                "SELECT \(columns) WHERE f.account = ? AND f.name = ? AND v.version = ?",
                [.text(account), .text(name), .integer(version)])
        else { return nil }
        return try record(row)
    }

    /// The `$LATEST` of all functions of an account, by name, those after `name`.
    package static func list(
        account: String, after name: String, limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> [FunctionRecord] {
        try records(
            transaction.rows(
                "SELECT \(columns) WHERE f.account = ? AND f.name > ? AND v.version = 0 ORDER BY f.name LIMIT ?",
                [.text(account), .text(name), .integer(limit)]))
    }

    /// The versions of all functions of an account, by name and number, those after a place.
    package static func listVersions(
        account: String, after place: (name: String, version: Int64), limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> [FunctionRecord] {
        try records(
            transaction.rows(
                "SELECT \(columns) WHERE f.account = ? AND (v.name, v.version) > (?, ?) ORDER BY v.name, v.version LIMIT ?",
                [.text(account), .text(place.name), .integer(place.version), .integer(limit)]))
    }

    /// The versions of one function, by number, those after `version`.
    package static func versions(
        of name: String, account: String, after version: Int64, limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> [FunctionRecord] {
        try records(
            transaction.rows(
                "SELECT \(columns) WHERE f.account = ? AND f.name = ? AND v.version > ? ORDER BY v.version LIMIT ?",
                [.text(account), .text(name), .integer(version), .integer(limit)]))
    }

    /// Every version of every function, for the start of a server.
    package static func all(in transaction: any ReadTransaction) throws(StoreError) -> [FunctionRecord] {
        try records(transaction.rows("SELECT \(columns)"))
    }

    /// How many functions an account has, and the bytes of all their archives.
    package static func usage(account: String, in transaction: any ReadTransaction) throws(StoreError) -> (
        functions: Int64, codeSize: Int64
    ) {
        let values: [SQLValue] = [.text(account)]
        return (
            try transaction.row("SELECT COUNT(*) FROM function WHERE account = ?", values)?.integer(0) ?? 0,
            // A sum of integers is no integer everywhere.
            try transaction.row("SELECT CAST(COALESCE(SUM(code_size), 0) AS BIGINT) FROM function_version WHERE account = ?", values)?
                .integer(0) ?? 0
        )
    }

    private static func records(_ rows: [Row]) throws(StoreError) -> [FunctionRecord] {
        var records: [FunctionRecord] = []
        for row in rows { records.append(try record(row)) }
        return records
    }

    private static func record(_ row: Row) throws(StoreError) -> FunctionRecord {
        FunctionRecord(
            account: try row.text(0), name: try row.text(1), revisionID: try row.text(2), lastVersion: try row.integer(3),
            reservedConcurrency: row.values[4].integer, createdAt: Timestamp(milliseconds: try row.integer(5)),
            version: FunctionVersionRecord(
                number: try row.integer(6), revisionID: try row.text(7), runtime: try row.text(8), roleARN: try row.text(9),
                handler: try row.text(10), description: try row.text(11), timeout: try row.integer(12),
                memorySize: try row.integer(13), environment: row.values[14].blob, codeSHA256: try row.blob(15),
                codeSize: try row.integer(16), settings: try row.blob(17),
                updatedAt: Timestamp(milliseconds: try row.integer(18))))
    }
}
