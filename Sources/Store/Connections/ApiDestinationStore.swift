package import TimeSource

/// An API destination of EventBridge: a web address that events are sent to through a connection.
package struct ApiDestinationRecord: Sendable, Hashable {
    /// The rate of destinations whose caller names none (EventBridge API Reference, CreateApiDestination).
    package static let defaultRate: Int64 = 300

    /// The account.
    package let account: String
    /// The name, unique in the account.
    package let name: String
    /// The UUID of its ARN: another one when the name is used again.
    package let id: String
    /// Counts the changes from 1.
    package var version: Int64
    /// What it is for.
    package var description: String?
    /// The ARN of the connection that its requests go through.
    package var connectionARN: String
    /// The address, with a `*` for each path parameter.
    package var endpoint: String
    /// The HTTP method.
    package var method: String
    /// How many requests a second it gets at most, when the caller said so.
    package var rateLimit: Int64?
    /// When it was created.
    package let createdAt: Timestamp
    /// When it was changed last.
    package var modifiedAt: Timestamp

    /// A destination of these facts.
    package init(
        account: String, name: String, id: String, version: Int64 = 1, description: String?, connectionARN: String, endpoint: String,
        method: String, rateLimit: Int64?, createdAt: Timestamp, modifiedAt: Timestamp
    ) {
        self.account = account
        self.name = name
        self.id = id
        self.version = version
        self.description = description
        self.connectionARN = connectionARN
        self.endpoint = endpoint
        self.method = method
        self.rateLimit = rateLimit
        self.createdAt = createdAt
        self.modifiedAt = modifiedAt
    }
}

/// API destinations.
package enum ApiDestinationStore {
    private static let columns = """
        account, name, id, version, description, connection_arn, endpoint, method, rate_limit, created_at, modified_at
        FROM api_destination
        """

    /// Creates a destination. A name that is taken is a conflict.
    package static func create(_ record: ApiDestinationRecord) -> Statement {
        Statement(
            """
            INSERT INTO api_destination (account, name, id, version, description, connection_arn, endpoint, method, rate_limit,
                created_at, modified_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(record.account), .text(record.name), .text(record.id), .integer(record.version), .text(record.description),
                .text(record.connectionARN), .text(record.endpoint), .text(record.method), .integer(record.rateLimit),
                .integer(record.createdAt.milliseconds), .integer(record.modifiedAt.milliseconds),
            ])
    }

    /// Replaces a destination by its next version. A conflict when it was changed or deleted since it was read.
    package static func replace(_ record: ApiDestinationRecord) -> Statement {
        Statement(
            """
            UPDATE api_destination SET version = ?, description = ?, connection_arn = ?, endpoint = ?, method = ?, rate_limit = ?,
                modified_at = ? WHERE account = ? AND name = ? AND id = ? AND version = ?
            """,
            [
                .integer(record.version), .text(record.description), .text(record.connectionARN), .text(record.endpoint),
                .text(record.method), .integer(record.rateLimit), .integer(record.modifiedAt.milliseconds), .text(record.account),
                .text(record.name), .text(record.id), .integer(record.version - 1),
            ], expecting: .changes(1))
    }

    /// Deletes a destination. A conflict as `replace`.
    package static func delete(_ record: ApiDestinationRecord) -> Statement {
        Statement(
            "DELETE FROM api_destination WHERE account = ? AND name = ? AND id = ? AND version = ?",
            [.text(record.account), .text(record.name), .text(record.id), .integer(record.version)], expecting: .changes(1))
    }

    /// A destination by its name; nil when there is none.
    package static func find(
        _ name: String, account: String, in transaction: any ReadTransaction
    ) throws(StoreError) -> ApiDestinationRecord? {
        let row = try transaction.row("SELECT \(columns) WHERE account = ? AND name = ?", [.text(account), .text(name)])
        guard let row else { return nil }
        return try record(row)
    }

    /// The destinations of an account by name, those after `name`, at most `limit`.
    package static func list(
        account: String, after name: String, limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> [ApiDestinationRecord] {
        var records: [ApiDestinationRecord] = []
        let rows = try transaction.rows(
            "SELECT \(columns) WHERE account = ? AND name > ? ORDER BY name LIMIT ?", [.text(account), .text(name), .integer(limit)])
        for row in rows { records.append(try record(row)) }
        return records
    }

    private static func record(_ row: Row) throws(StoreError) -> ApiDestinationRecord {
        ApiDestinationRecord(
            account: try row.text(0), name: try row.text(1), id: try row.text(2), version: try row.integer(3),
            description: row.values[4].text, connectionARN: try row.text(5), endpoint: try row.text(6), method: try row.text(7),
            rateLimit: row.values[8].integer, createdAt: Timestamp(milliseconds: try row.integer(9)),
            modifiedAt: Timestamp(milliseconds: try row.integer(10)))
    }
}
