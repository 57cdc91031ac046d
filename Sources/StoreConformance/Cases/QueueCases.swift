import Store
import TimeSource

extension ConformanceCase {
    /// Queues, their messages and what is in flight of them.
    static let queues: [ConformanceCase] = [
        ConformanceCase("a queue is there once, with its attributes, until it is deleted") { subject in
            let database = try await migrated(subject)
            var record = queue(1, "a")
            try await database.apply([QueueStore.create(record)])
            try await database.refuse([QueueStore.create(queue(2, "a"))], with: .conflict)
            try await database.apply([QueueStore.create(queue(2, "a", account: "2"))])
            record.attributes.redrivePolicy = QueueAttributes.RedrivePolicy(
                deadLetterQueue: QueueName(account: "1", name: "dead"), maxReceiveCount: 1_000)
            record.attributes.redriveAllowPolicy = .byQueue([QueueName(account: "1", name: "x"), QueueName(account: "2", name: "y")])
            record.attributes.contentBasedDeduplication = true
            record.attributes.deduplicationScope = .messageGroup
            record.attributes.fifoThroughputLimit = .perMessageGroupId
            record.attributes.policy = "{\"é\": 1}"
            record.attributes.kmsMasterKeyID = "alias/aws/sqs"
            record.attributes.kmsDataKeyReusePeriod = .seconds(300)
            record.attributes.sqsManagedSSEEnabled = false
            record.modifiedAt = Timestamp(milliseconds: 9)
            try await database.apply([QueueStore.update(record)])
            try expect(try await database.read { try QueueStore.all(in: $0) }, [record, queue(2, "a", account: "2")], "queues")
            try await database.apply([QueueStore.delete(1)])
            try await database.refuse([QueueStore.delete(1)], with: .conflict)
            try await database.refuse([QueueStore.update(record)], with: .conflict)
            await database.close()
        },
        ConformanceCase("messages come in the order of their places, page by page, with what is in flight of them") { subject in
            let database = try await migrated(subject)
            let rows = (1...23).map { message($0) }
            var batch: [Statement] = []
            QueueMessageStore.chunks(rows) { batch.append(QueueMessageStore.insert($0)) }
            try await database.apply(batch + [QueueMessageStore.insert([message(1, queue: 8)])])
            try await database.refuse([QueueMessageStore.insert([message(5)])], with: .conflict)
            try await database.apply([QueueMessageStore.hide([flight(2, 100, receives: 1), flight(4, 50, receives: 0)], of: 7)])
            try await database.apply([QueueMessageStore.hide([flight(2, 200, receives: 2), flight(3, 60, receives: 1)], of: 7)])
            for withContent in [true, false] {
                var found: [StoredMessage] = []
                while true {
                    let page = try await database.read { [last = found.last?.sequence ?? 0] in
                        try QueueMessageStore.page(of: 7, after: last, limit: 6, withContent: withContent, in: $0)
                    }
                    found += page
                    if page.count < 6 { break }
                }
                try expect(found.map(\.sequence), rows.map(\.sequence), "places")
                try expect(
                    found.compactMap(\.inFlight), [flight(2, 200, receives: 2), flight(3, 60, receives: 1), flight(4, 50, receives: 0)],
                    "in flight")
                try expect(found.first?.groupID, "g", "group")
                try expect(found.first?.retainedFrom, MessageSequence.time(of: 1), "begin of the retention")
                try expect(found.map { $0.content?.body }, rows.map { withContent ? $0.content.body : nil }, "texts")
            }
            let content = try unwrap(try await database.read { try QueueMessageStore.find([9, 99], of: 7, in: $0) }.first?.content)
            try expect(content.encodedAttributes, [0, 255], "attributes")
            try expect(content.messageID, "id-9", "id")
            try expect(content.deduplicationID, nil, "deduplication id")
            await database.close()
        },
        ConformanceCase("messages are counted, and what is hidden of them") { subject in
            let database = try await migrated(subject)
            var batch: [Statement] = []
            QueueMessageStore.chunks((1...12).map { message($0) }) { batch.append(QueueMessageStore.insert($0)) }
            batch.append(
                QueueMessageStore.hide([flight(2, 100, receives: 1), flight(3, 100, receives: 0), flight(4, 10, receives: 1)], of: 7))
            try await database.apply(batch)
            let counted = try await database.read { transaction in
                let hidden = try QueueMessageStore.hiddenCounts(of: 7, after: 0, at: Timestamp(milliseconds: 50), in: transaction)
                return [
                    try QueueMessageStore.count(of: 7, after: 0, upTo: .max, in: transaction),
                    try QueueMessageStore.count(of: 7, after: 3, upTo: 10, in: transaction), hidden.inFlight, hidden.delayed,
                    Int(try QueueMessageStore.firstSequence(of: 7, in: transaction) ?? 0),
                    Int(try QueueMessageStore.lastSequence(of: 7, in: transaction) ?? 0),
                ]
            }
            try expect(counted, [12, 7, 1, 1, 1, 12], "counts")
            try expect(try await database.read { try QueueMessageStore.lastSequence(of: 8, in: $0) }, nil, "last of an empty queue")
            await database.close()
        },
        ConformanceCase("a change of visibility is for the latest receive alone") { subject in
            let database = try await migrated(subject)
            try await database.apply([QueueMessageStore.insert([message(1)]), QueueMessageStore.hide([flight(1, 100, receives: 1)], of: 7)])
            let changes = try await database.apply([
                QueueMessageStore.changeVisibility(of: 1, in: 7, nonce: 5, to: Timestamp(milliseconds: 7)),
                QueueMessageStore.changeVisibility(of: 1, in: 7, nonce: -1, to: Timestamp(milliseconds: 300)),
            ]).map(\.changes)
            try expect(changes, [0, 1], "rows changed")
            let found = try await database.read { try QueueMessageStore.find([1], of: 7, in: $0).first?.inFlight }
            try expect(found, flight(1, 300, receives: 1), "in flight")
            await database.close()
        },
        ConformanceCase("a message moves to another queue with a new place, as it was or as a new one") { subject in
            let database = try await migrated(subject)
            try await database.apply([
                QueueMessageStore.insert([message(1), message(2)]), QueueMessageStore.hide([flight(1, 1, receives: 3)], of: 7),
            ])
            let source = QueueName(account: "1", name: "q")
            try await database.apply(
                [
                    QueueMessageStore.move(
                        1, of: 7, to: 8, as: 11, from: source, messageID: nil, sentAt: nil, retainedFrom: Timestamp(milliseconds: 1_000)),
                    QueueMessageStore.move(
                        2, of: 7, to: 8, as: 12, from: nil, messageID: "new", sentAt: Timestamp(milliseconds: 77), retainedFrom: nil),
                    QueueMessageStore.move(3, of: 7, to: 8, as: 13, from: nil, messageID: nil, sentAt: nil, retainedFrom: nil),
                ] + QueueMessageStore.delete([1, 2, 3], from: 7))
            let moved = try await database.read { try QueueMessageStore.page(of: 8, after: 0, limit: 9, withContent: true, in: $0) }
            try expect(moved.map(\.sequence), [11, 12], "places")
            try expect(moved.map { $0.content?.messageID }, ["id-1", "new"], "ids")
            try expect(moved.map { $0.content?.sentAt.milliseconds }, [1, 77], "times of sending")
            try expect(moved.map { $0.content?.deadLetterSource }, [source, nil], "sources")
            try expect(
                moved.map(\.retainedFrom.milliseconds), [1_000, MessageSequence.time(of: 12).milliseconds], "begin of the retention")
            try expect(moved.compactMap(\.inFlight).count, 0, "in flight")
            try expect(try await database.read { try $0.rows("SELECT seq FROM queue_inflight").count }, 0, "in flight left")
            await database.close()
        },
        ConformanceCase("the first messages of a queue are deleted in steps") { subject in
            let database = try await migrated(subject)
            try await database.apply([
                QueueMessageStore.insert((1...8).map { message($0) }[...]), QueueMessageStore.insert([message(1, queue: 8)]),
                QueueMessageStore.hide((1...8).map { flight(Int64($0), 1, receives: 1) }[...], of: 7),
            ])
            var deleted: [Int] = []
            for _ in 0..<4 {
                deleted += try await database.apply([
                    QueueMessageStore.deleteMessages(of: 7, upTo: 5, limit: 2), QueueMessageStore.deleteInFlight(of: 7, upTo: 5, limit: 3),
                ]).map(\.changes)
            }
            try expect(deleted, [2, 3, 2, 2, 1, 0, 0, 0], "rows deleted")
            try expect(try await database.read { try $0.rows("SELECT seq FROM queue_message").count }, 4, "messages left")
            await database.close()
        },
        ConformanceCase("digests are remembered in their order, and forgotten from the first on") { subject in
            let database = try await migrated(subject)
            try await database.apply(
                (1...5).map { QueueDeduplicationStore.insert([UInt8($0), 0], messageID: "m\($0)", sequence: Int64($0), queue: 7) })
            try await database.refuse([QueueDeduplicationStore.insert([9], messageID: "m", sequence: 3, queue: 7)], with: .conflict)
            try expect(
                try await database.apply([QueueDeduplicationStore.prune(7, upTo: 3, limit: 2)]).map(\.changes), [2], "forgotten")
            let page = try await database.read { transaction in
                try QueueDeduplicationStore.page(of: 7, after: 0, limit: 2, in: transaction).map { "\($0.sequence) \($0.digest)" }
                    + [
                        try QueueDeduplicationStore.messageID(of: 4, in: 7, transaction) ?? "",
                        try QueueDeduplicationStore.messageID(of: 1, in: 7, transaction) ?? "",
                        "\(try QueueDeduplicationStore.firstSequence(of: 7, in: transaction) ?? 0)",
                        "\(try QueueDeduplicationStore.lastSequence(of: 7, in: transaction) ?? 0)",
                    ]
            }
            try expect(page, ["3 [3, 0]", "4 [4, 0]", "m4", "", "3", "5"], "digests")
            await database.close()
        },
        ConformanceCase("a purge only grows, and ends where it was last") { subject in
            let database = try await migrated(subject)
            try await database.apply([
                QueuePurgeStore.begin(7, upTo: 5), QueuePurgeStore.begin(8, upTo: 1), QueuePurgeStore.begin(7, upTo: 9),
            ])
            try await database.apply([QueuePurgeStore.begin(7, upTo: 6)])
            let purges = try await database.read { try QueuePurgeStore.all(in: $0) }
            try expect(purges.map { "\($0.queue) \($0.upTo)" }, ["7 9", "8 1"], "purges")
            try await database.apply([QueuePurgeStore.begin(8, upTo: 2)] + purges.map(QueuePurgeStore.end))
            try expect(try await database.read { try QueuePurgeStore.all(in: $0).map(\.queue) }, [8], "purges left")
            await database.close()
        },
        ConformanceCase("move tasks are listed, the latest first, and go on until they are over") { subject in
            let database = try await migrated(subject)
            var tasks = (1...3).map { moveTask("t\($0)", startedAt: Int64($0)) }
            try await database.apply(
                tasks.map { MessageMoveTaskStore.insert($0, queue: 7) } + [
                    MessageMoveTaskStore.insert(moveTask("u", startedAt: 1), queue: 8)
                ])
            tasks[0].status = .failed
            tasks[0].failureReason = "why"
            tasks[1].movedCount = 12
            tasks[1].status = .cancelling
            try await database.apply([MessageMoveTaskStore.update(tasks[0]), MessageMoveTaskStore.update(tasks[1])])
            try await database.refuse([MessageMoveTaskStore.update(moveTask("v", startedAt: 1))], with: .conflict)
            try expect(try await database.read { try MessageMoveTaskStore.list(of: 7, limit: 2, in: $0) }, [tasks[2], tasks[1]], "latest")
            try expect(try await database.read { try MessageMoveTaskStore.find("t1", in: $0) }, .some(tasks[0]), "task")
            try expect(try await database.read { try MessageMoveTaskStore.unfinished(in: $0).map(\.id) }, ["t2", "t3", "u"], "unfinished")
            try await database.apply([
                MessageMoveTaskStore.prune(7, before: Timestamp(milliseconds: 9)), MessageMoveTaskStore.deleteAll(of: 8),
            ])
            try expect(try await database.read { try MessageMoveTaskStore.unfinished(in: $0).map(\.id) }, ["t2", "t3"], "left")
            try expect(try await database.read { try MessageMoveTaskStore.find("t1", in: $0) }, nil, "task")
            await database.close()
        },
    ]

    private static func queue(_ id: Int64, _ name: String, account: String = "1") -> QueueRecord {
        QueueRecord(
            id: id, name: QueueName(account: account, name: name), attributes: QueueAttributes(), createdAt: Timestamp(milliseconds: 5),
            modifiedAt: Timestamp(milliseconds: 6))
    }

    private static func message(_ number: Int, queue: Int64 = 7) -> QueueMessageRow {
        QueueMessageRow(
            queue: queue, sequence: Int64(number),
            content: MessageContent(
                messageID: "id-\(number)", sentAt: Timestamp(milliseconds: Int64(number)), senderID: "s", groupID: "g",
                deduplicationID: nil,
                deadLetterSource: nil, body: "text \(number) é", encodedAttributes: [0, 255]))
    }

    private static func flight(_ sequence: Int64, _ visibleAt: Int64, receives: Int) -> InFlightRow {
        InFlightRow(
            sequence: sequence, visibleAt: Timestamp(milliseconds: visibleAt), receives: receives, nonce: -1,
            firstReceivedAt: Timestamp(milliseconds: 3))
    }

    private static func moveTask(_ id: String, startedAt: Int64) -> MessageMoveTask {
        MessageMoveTask(
            id: id, source: QueueName(account: "1", name: "dead"), destination: nil, maxMessagesPerSecond: 5, status: .running,
            movedCount: 0,
            totalCount: 3, startedAt: Timestamp(milliseconds: startedAt), failureReason: nil, lastSequence: 9)
    }
}
