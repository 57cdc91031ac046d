import Store
import TimeSource

extension ConformanceCase {
    /// Mappings from queues to functions, and what FIFO topics remember.
    static let eventSources: [ConformanceCase] = [
        ConformanceCase("a queue and a function have one mapping, which is changed by who read it last") { subject in
            let database = try await migrated(subject)
            let record = mapping("a")
            try await database.apply([EventSourceMappingStore.create(record)])
            try await database.refuse([EventSourceMappingStore.create(mapping("b"))], with: .conflict)
            var changed = record
            changed.version = 2
            changed.state = .disabled
            changed.settings = [0, 255]
            try await database.apply([EventSourceMappingStore.update(changed)])
            try await database.refuse([EventSourceMappingStore.update(changed)], with: .conflict)
            let found = try await database.read { try EventSourceMappingStore.find(id: "a", account: "1", in: $0) }
            try expect(found, changed, "the mapping")
            let pair = try await database.read {
                try EventSourceMappingStore.find(source: "q", function: "f", account: "1", in: $0)?.id
            }
            try expect(pair, "a", "the pair's mapping")
            try await database.apply([EventSourceMappingStore.delete(id: "a", account: "1")])
            try expect(try await database.read { try EventSourceMappingStore.all(in: $0).count }, 0, "mappings")
            await database.close()
        },
        ConformanceCase("mappings are listed by id, page by page, each account's own") { subject in
            let database = try await migrated(subject)
            let records = ["c", "a", "b"].map { mapping($0, function: $0) } + [mapping("a", account: "2")]
            try await database.apply(records.map(EventSourceMappingStore.create))
            func page(after id: String) async throws -> [String] {
                try await database.read { try EventSourceMappingStore.list(account: "1", after: id, limit: 2, in: $0).map(\.id) }
            }
            try expect(try await page(after: ""), ["a", "b"], "the first page")
            try expect(try await page(after: "b"), ["c"], "the second page")
            try expect(try await database.read { try EventSourceMappingStore.all(in: $0).count }, 4, "all")
            await database.close()
        },
        ConformanceCase("a FIFO topic remembers a message until its time is over") { subject in
            let database = try await migrated(subject)
            let first = TopicDeduplicationStore.Entry(messageID: "m", sequenceNumber: "1")
            let second = TopicDeduplicationStore.Entry(messageID: "n", sequenceNumber: "2")
            func remember(_ entry: TopicDeduplicationStore.Entry, _ now: Int64) -> [Statement] {
                TopicDeduplicationStore.record(
                    entry, key: "k", topic: "t", now: Timestamp(milliseconds: now), until: Timestamp(milliseconds: now + 10))
            }
            func remembered(_ now: Int64) async throws -> TopicDeduplicationStore.Entry? {
                try await database.read {
                    try TopicDeduplicationStore.find(key: "k", topic: "t", now: Timestamp(milliseconds: now), in: $0)
                }
            }
            try await database.apply(remember(first, 0))
            try await database.refuse(remember(second, 9), with: .conflict)
            try expect(try await remembered(9), first, "while it is remembered")
            try expect(try await remembered(10), nil, "afterwards")
            try await database.apply(remember(second, 10))
            try expect(try await remembered(11), second, "the next one")
            try await database.apply([TopicDeduplicationStore.prune(before: Timestamp(milliseconds: 20), limit: 10)])
            try expect(try await remembered(11), second, "what has not expired")
            try await database.apply([TopicDeduplicationStore.prune(before: Timestamp(milliseconds: 21), limit: 10)])
            try expect(try await remembered(11), nil, "after the pruning")
            await database.close()
        },
    ]

    private static func mapping(_ id: String, account: String = "1", function: String = "f") -> EventSourceMappingRecord {
        EventSourceMappingRecord(
            id: id, account: account, source: "q", function: function, state: .enabled, modifiedAt: .epoch, settings: [])
    }
}
