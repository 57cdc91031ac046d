package import TimeSource

/// Subscriptions of topics.
package enum SubscriptionStore {
    private static let columns = """
        id, topic, account, topic_name, protocol, endpoint, state, token, requested_at, was_authenticated,
        requires_authentication, link_base, attributes
        FROM subscription
        """

    /// Adds a subscription. A conflict when the topic has one of the same protocol and endpoint.
    package static func create(_ record: SubscriptionRecord) -> Statement {
        Statement(
            """
            INSERT INTO subscription (topic, id, account, topic_name, protocol, endpoint, state, token, requested_at,
                was_authenticated, requires_authentication, link_base, attributes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(record.topic), .text(record.id), .text(record.account), .text(record.topicName), .text(record.protocol),
                .text(record.endpoint), .text(record.state.rawValue), .text(record.token),
                .integer(record.requestedAt.milliseconds), .integer(record.wasAuthenticated ? 1 : 0),
                .integer(record.requiresAuthentication ? 1 : 0),
                .text(record.linkBase), .blob(record.attributes),
            ])
    }

    /// Confirms a subscription. A conflict when it is gone.
    /// - Parameters:
    ///   - wasAuthenticated: whether the confirming request was signed.
    ///   - requiresAuthentication: whether only signed requests may end it.
    package static func confirm(
        _ record: SubscriptionRecord, wasAuthenticated: Bool, requiresAuthentication: Bool
    ) -> Statement {
        Statement(
            """
            UPDATE subscription SET state = 'confirmed', was_authenticated = ?, requires_authentication = ?
            WHERE topic = ? AND id = ?
            """,
            [
                .integer(wasAuthenticated ? 1 : 0), .integer(requiresAuthentication ? 1 : 0), .text(record.topic),
                .text(record.id),
            ], expecting: .changes(1))
    }

    /// Asks again for the confirmation of a pending subscription: its token is valid from now on. A conflict when it is gone.
    package static func requestAgain(_ record: SubscriptionRecord, at instant: Timestamp) -> Statement {
        Statement(
            "UPDATE subscription SET requested_at = ? WHERE topic = ? AND id = ?",
            [.integer(instant.milliseconds), .text(record.topic), .text(record.id)], expecting: .changes(1))
    }

    /// Replaces the attributes. A conflict when the subscription is gone or its attributes are no longer what `record` says.
    package static func setAttributes(_ attributes: [UInt8], of record: SubscriptionRecord) -> Statement {
        Statement(
            "UPDATE subscription SET attributes = ? WHERE topic = ? AND id = ? AND attributes = ?",
            [.blob(attributes), .text(record.topic), .text(record.id), .blob(record.attributes)], expecting: .changes(1))
    }

    /// Ends a subscription; no error when it is gone.
    package static func delete(_ record: SubscriptionRecord) -> [Statement] {
        [
            // Counted before it is gone, so that one that another request deletes at the same time counts once.
            Statement(
                """
                UPDATE topic SET deleted_subscriptions = deleted_subscriptions + 1 WHERE account = ? AND name = ? AND id = ?
                AND EXISTS (SELECT 1 FROM subscription WHERE topic = ? AND id = ?)
                """,
                [.text(record.account), .text(record.topicName), .text(record.topic), .text(record.topic), .text(record.id)]),
            Statement("DELETE FROM subscription WHERE topic = ? AND id = ?", [.text(record.topic), .text(record.id)]),
        ]
    }

    /// Deletes subscriptions whose confirmation was asked for before an instant and never came, `limit` at most.
    package static func pruneUnconfirmed(before instant: Timestamp, limit: Int) -> Statement {
        Statement(
            """
            DELETE FROM subscription WHERE (topic, id) IN
            (SELECT topic, id FROM subscription WHERE state = 'pending' AND requested_at < ? ORDER BY requested_at LIMIT ?)
            """, [.integer(instant.milliseconds), .integer(limit)])
    }

    /// The subscription of an id, nil when there is none in this topic.
    package static func find(
        id: String, topic: String, in transaction: any ReadTransaction
    ) throws(StoreError) -> SubscriptionRecord? {
        try first(
            try transaction.rows("SELECT \(columns) WHERE topic = ? AND id = ?", [.text(topic), .text(id)]))
    }

    /// The topic's subscription of an endpoint, nil when there is none.
    package static func find(
        endpoint: String, protocol: String, topic: String, in transaction: any ReadTransaction
    ) throws(StoreError) -> SubscriptionRecord? {
        try first(
            try transaction.rows(
                "SELECT \(columns) WHERE topic = ? AND protocol = ? AND endpoint = ?",
                [.text(topic), .text(`protocol`), .text(endpoint)]))
    }

    /// A topic's subscriptions ordered by id, those after `id`.
    package static func list(
        topic: String, after id: String, limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> [SubscriptionRecord] {
        try records(
            try transaction.rows(
                "SELECT \(columns) WHERE topic = ? AND id > ? ORDER BY id LIMIT ?", [.text(topic), .text(id), .integer(limit)]))
    }

    /// All confirmed subscriptions of a topic.
    package static func confirmed(
        topic: String, in transaction: any ReadTransaction
    ) throws(StoreError) -> [SubscriptionRecord] {
        try records(
            try transaction.rows("SELECT \(columns) WHERE topic = ? AND state = 'confirmed' ORDER BY id", [.text(topic)]))
    }

    /// An account's subscriptions ordered by id, those after `id`.
    package static func list(
        account: String, after id: String, limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> [SubscriptionRecord] {
        try records(
            try transaction.rows(
                "SELECT \(columns) WHERE account = ? AND id > ? ORDER BY id LIMIT ?",
                [.text(account), .text(id), .integer(limit)]))
    }

    /// How many subscriptions of a topic are confirmed, and how many are not.
    package static func counts(
        topic: String, in transaction: any ReadTransaction
    ) throws(StoreError) -> (confirmed: Int, pending: Int) {
        var counts = (confirmed: 0, pending: 0)
        for row in try transaction.rows("SELECT state, COUNT(*) FROM subscription WHERE topic = ? GROUP BY state", [.text(topic)]) {
            let count = Int(try row.integer(1))
            if try row.text(0) == SubscriptionRecord.State.confirmed.rawValue { counts.confirmed = count } else { counts.pending = count }
        }
        return counts
    }

    private static func first(_ rows: [Row]) throws(StoreError) -> SubscriptionRecord? {
        try records(rows).first
    }

    private static func records(_ rows: [Row]) throws(StoreError) -> [SubscriptionRecord] {
        var records: [SubscriptionRecord] = []
        for row in rows {
            guard let state = SubscriptionRecord.State(rawValue: try row.text(6)) else {
                throw .corrupted("a subscription has an unknown state")
            }
            records.append(
                SubscriptionRecord(
                    id: try row.text(0), topic: try row.text(1), account: try row.text(2), topicName: try row.text(3),
                    protocol: try row.text(4), endpoint: try row.text(5), state: state, token: row.values[7].text,
                    requestedAt: Timestamp(milliseconds: try row.integer(8)), wasAuthenticated: try row.integer(9) == 1,
                    requiresAuthentication: try row.integer(10) == 1, linkBase: try row.text(11), attributes: try row.blob(12)))
        }
        return records
    }
}
