import TimeSource

/// The queues themselves.
package enum QueueStore {
    private static let columns = """
        id, account, name, created_at, modified_at, visibility_timeout, delay, retention, maximum_message_size, receive_wait, \
        dead_letter_account, dead_letter_name, max_receive_count, redrive_permission, redrive_sources, content_based_deduplication, \
        deduplication_scope, throughput_limit, policy, kms_key, kms_reuse_period, managed_encryption
        """

    /// Adds a queue; a conflict when its name or id is taken.
    package static func create(_ record: QueueRecord) -> Statement {
        Statement(
            "INSERT INTO queue (\(columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                .integer(record.id), .text(record.name.account), .text(record.name.name), .integer(record.createdAt.milliseconds),
                .integer(record.modifiedAt.milliseconds),
            ] + values(record.attributes))
    }

    /// Changes the attributes of a queue; a conflict when it is deleted.
    package static func update(_ record: QueueRecord) -> Statement {
        Statement(
            """
            UPDATE queue SET modified_at = ?, visibility_timeout = ?, delay = ?, retention = ?, maximum_message_size = ?, receive_wait = ?,
                dead_letter_account = ?, dead_letter_name = ?, max_receive_count = ?, redrive_permission = ?, redrive_sources = ?,
                content_based_deduplication = ?, deduplication_scope = ?, throughput_limit = ?, policy = ?, kms_key = ?,
                kms_reuse_period = ?, managed_encryption = ?
            WHERE id = ?
            """,
            [.integer(record.modifiedAt.milliseconds)] + values(record.attributes) + [.integer(record.id)], expecting: .changes(1))
    }

    /// Deletes a queue; its messages go by `QueuePurgeStore`. A conflict when it is deleted.
    package static func delete(_ id: Int64) -> Statement {
        Statement("DELETE FROM queue WHERE id = ?", [.integer(id)], expecting: .changes(1))
    }

    /// All queues.
    package static func all(in transaction: any ReadTransaction) throws(StoreError) -> [QueueRecord] {
        var records: [QueueRecord] = []
        for row in try transaction.rows("SELECT \(columns) FROM queue ORDER BY id") { records.append(try record(row)) }
        return records
    }

    private static func values(_ attributes: QueueAttributes) -> [SQLValue] {
        let permission: (name: String?, sources: String?) =
            switch attributes.redriveAllowPolicy {
            case nil: (nil, nil)
            case .allowAll: ("allowAll", nil)
            case .denyAll: ("denyAll", nil)
            case .byQueue(let sources): ("byQueue", sources.map { "\($0.account) \($0.name)" }.joined(separator: "\n"))
            }
        return [
            .integer(milliseconds(attributes.visibilityTimeout)), .integer(milliseconds(attributes.delay)),
            .integer(milliseconds(attributes.retention)), .integer(attributes.maximumMessageSize),
            .integer(milliseconds(attributes.receiveWait)), .text(attributes.redrivePolicy?.deadLetterQueue.account),
            .text(attributes.redrivePolicy?.deadLetterQueue.name),
            .integer(attributes.redrivePolicy.map { Int64($0.maxReceiveCount) }), .text(permission.name), .text(permission.sources),
            .integer(attributes.contentBasedDeduplication ? 1 : 0), .text(attributes.deduplicationScope.rawValue),
            .text(attributes.fifoThroughputLimit.rawValue), .blob(attributes.policy.map { Array($0.utf8) }),
            .text(attributes.kmsMasterKeyID), .integer(attributes.kmsDataKeyReusePeriod.map(milliseconds)),
            .integer(attributes.sqsManagedSSEEnabled.map { $0 ? 1 : 0 }),
        ]
    }

    private static func record(_ row: Row) throws(StoreError) -> QueueRecord {
        var attributes = QueueAttributes()
        attributes.visibilityTimeout = .milliseconds(try row.integer(5))
        attributes.delay = .milliseconds(try row.integer(6))
        attributes.retention = .milliseconds(try row.integer(7))
        attributes.maximumMessageSize = Int(try row.integer(8))
        attributes.receiveWait = .milliseconds(try row.integer(9))
        if let account = row.values[10].text {
            attributes.redrivePolicy = QueueAttributes.RedrivePolicy(
                deadLetterQueue: QueueName(account: account, name: try row.text(11)), maxReceiveCount: Int(try row.integer(12)))
        }
        switch row.values[13].text {
        case "allowAll": attributes.redriveAllowPolicy = .allowAll
        case "denyAll": attributes.redriveAllowPolicy = .denyAll
        case "byQueue": attributes.redriveAllowPolicy = .byQueue(sources(row.values[14].text ?? ""))
        default: break
        }
        attributes.contentBasedDeduplication = try row.integer(15) == 1
        guard let scope = QueueAttributes.DeduplicationScope(rawValue: try row.text(16)),
            let limit = QueueAttributes.FIFOThroughputLimit(rawValue: try row.text(17))
        else { throw .corrupted("a queue has an unknown deduplication scope or throughput limit") }
        attributes.deduplicationScope = scope
        attributes.fifoThroughputLimit = limit
        attributes.policy = row.values[18].blob.map { String(decoding: $0, as: UTF8.self) }
        attributes.kmsMasterKeyID = row.values[19].text
        attributes.kmsDataKeyReusePeriod = row.values[20].integer.map { .milliseconds($0) }
        attributes.sqsManagedSSEEnabled = row.values[21].integer.map { $0 == 1 }
        return QueueRecord(
            id: try row.integer(0), name: QueueName(account: try row.text(1), name: try row.text(2)), attributes: attributes,
            createdAt: Timestamp(milliseconds: try row.integer(3)), modifiedAt: Timestamp(milliseconds: try row.integer(4)))
    }

    private static func sources(_ text: String) -> [QueueName] {
        text.split(separator: "\n").compactMap { line in
            let parts = line.split(separator: " ", maxSplits: 1)
            return parts.count == 2 ? QueueName(account: String(parts[0]), name: String(parts[1])) : nil
        }
    }

    private static func milliseconds(_ duration: Duration) -> Int64 { duration.wholeMilliseconds }
}
