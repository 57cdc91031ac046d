import Store
import TimeSource

extension ConformanceCase {
    /// Effects that are decided and not over.
    static let outbox: [ConformanceCase] = [
        ConformanceCase("entries come in the order of their keys, page by page, across shards") { subject in
            let database = try await migrated(subject)
            let entries = (0..<30).map { entry(shard: $0 % 3, sequence: Int64($0), effect: $0) }
            try await database.apply(entries.map(OutboxStore.enqueue))
            var found: [OutboxEntry] = []
            while true {
                let page = try await database.read { [last = found.last?.key] in
                    try OutboxStore.entries(after: last, limit: 7, in: $0)
                }
                found += page
                if page.count < 7 { break }
            }
            let expected = entries.sorted { ($0.key.shard, $0.key.sequence) < ($1.key.shard, $1.key.sequence) }
            try expect(found, expected, "entries")
            await database.close()
        },
        ConformanceCase("an entry is started once it is marked, and gone once it is over") { subject in
            let database = try await migrated(subject)
            let first = entry(shard: 5, sequence: 1, effect: 1, body: [0, 255, 0])
            let second = entry(shard: 5, sequence: 2, effect: 2, body: [])
            try await database.apply([OutboxStore.enqueue(first), OutboxStore.enqueue(second)])
            try await database.apply([OutboxStore.markStarted(second.key)])
            var started = second
            started.isStarted = true
            try expect(try await database.read { try OutboxStore.entries(after: nil, limit: 9, in: $0) }, [first, started], "entries")
            try await database.apply([OutboxStore.complete(first.key), OutboxStore.complete(first.key)])
            try await database.refuse([OutboxStore.markStarted(first.key)], with: .conflict)
            try expect(try await database.read { try OutboxStore.entries(after: nil, limit: 9, in: $0) }, [started], "entries left")
            await database.close()
        },
        ConformanceCase("a place in the outbox is taken once") { subject in
            let database = try await migrated(subject)
            try await database.apply([OutboxStore.enqueue(entry(shard: 1, sequence: 1, effect: 1))])
            try await database.refuse([OutboxStore.enqueue(entry(shard: 1, sequence: 1, effect: 2))], with: .conflict)
            await database.close()
        },
        ConformanceCase("the entries of one execution are found among those of its shard") { subject in
            let database = try await migrated(subject)
            let ids = (0..<3).map { ExecutionID(startedAt: Timestamp(milliseconds: 1_800_000_000_000), shard: 9, sequence: $0) }
            let entries = (0..<12).map { number in
                OutboxEntry(
                    key: .init(shard: 9, sequence: Int64(number)), execution: ids[number % 3], effect: number, isStarted: false, body: [1])
            }
            try await database.apply(entries.map(OutboxStore.enqueue))
            let found = try await database.read { try OutboxStore.entries(of: ids[1], in: $0).map(\.effect) }
            try expect(found, [1, 4, 7, 10], "effects")
            await database.close()
        },
    ]

    private static func entry(shard: Int, sequence: Int64, effect: Int, body: [UInt8] = [1]) -> OutboxEntry {
        OutboxEntry(
            key: OutboxEntry.Key(shard: shard, sequence: sequence),
            execution: ExecutionID(startedAt: Timestamp(milliseconds: 1_800_000_000_000), shard: shard, sequence: 0), effect: effect,
            isStarted: false, body: body)
    }
}
