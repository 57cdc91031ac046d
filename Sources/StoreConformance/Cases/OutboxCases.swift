import Store
import TimeSource

extension ConformanceCase {
    /// Effects that are decided and not over.
    static let outbox: [ConformanceCase] = [
        ConformanceCase("executions with entries come in the order of their shards, page by page, each once") { subject in
            let database = try await migrated(subject)
            let entries = (0..<60).map { entry(execution($0 / 2 % 3, $0 / 6), effect: $0) }
            try await database.apply(entries.reversed().map(OutboxStore.enqueue))
            var found: [ExecutionID] = []
            while true {
                let page = try await database.read { [last = found.last] in
                    try OutboxStore.executions(after: last, limit: 7, in: $0)
                }
                found += page
                if page.count < 7 { break }
            }
            let expected = Set(entries.map(\.key.execution)).sorted { ($0.shard, $0.value) < ($1.shard, $1.value) }
            try expect(found, expected, "executions")
            await database.close()
        },
        ConformanceCase("an entry is started once it is marked, and gone once it is over") { subject in
            let database = try await migrated(subject)
            let id = execution(5, 1)
            let first = entry(id, effect: 1, body: [0, 255, 0])
            let second = entry(id, effect: 2, body: [])
            try await database.apply([OutboxStore.enqueue(first), OutboxStore.enqueue(second)])
            try await database.apply([OutboxStore.markStarted(second.key)])
            var started = second
            started.isStarted = true
            try expect(try await database.read { try OutboxStore.entries(of: id, in: $0) }, [first, started], "entries")
            try await database.apply([OutboxStore.complete(first.key), OutboxStore.complete(first.key)])
            try await database.refuse([OutboxStore.markStarted(first.key)], with: .conflict)
            try expect(try await database.read { try OutboxStore.entries(of: id, in: $0) }, [started], "entries left")
            await database.close()
        },
        ConformanceCase("an effect is in the outbox once") { subject in
            let database = try await migrated(subject)
            try await database.apply([OutboxStore.enqueue(entry(execution(1, 1), effect: 1))])
            try await database.refuse([OutboxStore.enqueue(entry(execution(1, 1), effect: 1, body: [2]))], with: .conflict)
            await database.close()
        },
        ConformanceCase("the entries of one execution are found among those of its shard, in the order of the effects") { subject in
            let database = try await migrated(subject)
            let ids = (0..<3).map { execution(9, $0) }
            try await database.apply((0..<12).reversed().map { OutboxStore.enqueue(entry(ids[$0 % 3], effect: $0)) })
            let found = try await database.read { try OutboxStore.entries(of: ids[1], in: $0).map(\.key.effect) }
            try expect(found, [1, 4, 7, 10], "effects")
            await database.close()
        },
    ]

    private static func execution(_ shard: Int, _ sequence: Int) -> ExecutionID {
        ExecutionID(startedAt: Timestamp(milliseconds: 1_800_000_000_000), shard: shard, sequence: sequence)
    }

    private static func entry(_ execution: ExecutionID, effect: Int, body: [UInt8] = [1]) -> OutboxEntry {
        OutboxEntry(key: OutboxEntry.Key(execution: execution, effect: effect), isStarted: false, body: body)
    }
}
