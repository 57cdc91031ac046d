import Store

/// A table that belongs to no part of the product, for cases about the seam itself.
enum Probe {
    /// Opens the database with the table in it.
    static func open(_ subject: ConformanceSubject) async throws -> any Database {
        let database = try await subject.open()
        try await database.migrate([
            Statement(
                """
                CREATE TABLE probe (
                    id BIGINT PRIMARY KEY, body {blob}, note TEXT, amount DOUBLE PRECISION, CHECK (id < 1000000)
                ) {clustered}
                """)
        ])
        return database
    }

    /// Adds a row.
    static func insert(_ id: Int, body: [UInt8]? = nil, note: String? = nil, amount: Double? = nil) -> Statement {
        Statement(
            "INSERT INTO probe (id, body, note, amount) VALUES (?, ?, ?, ?)",
            [.integer(id), .blob(body), .text(note), amount.map(SQLValue.real) ?? .null])
    }

    /// Changes a row's note, which must be there.
    static func update(_ id: Int, note: String) -> Statement {
        Statement("UPDATE probe SET note = ? WHERE id = ?", [.text(note), .integer(id)], expecting: .changes(1))
    }

    /// The ids, in order.
    static func ids(in database: any Database) async throws -> [Int64] {
        try await database.read { try $0.rows("SELECT id FROM probe ORDER BY id").map { try $0.integer(0) } }
    }

    /// A row without its id.
    static func row(_ id: Int, in database: any Database) async throws -> Row? {
        try await database.read { try $0.row("SELECT body, note, amount FROM probe WHERE id = ?", [.integer(id)]) }
    }
}
