import Store

extension ConformanceCase {
    private static let execution = ExecutionID(value: 42)

    /// Chunks of history and snapshots.
    static let histories: [ConformanceCase] = [
        ConformanceCase("a chunk is appended once") { subject in
            let database = try await migrated(subject)
            try await database.apply([ExecutionStore.appendHistory(execution, firstEvent: 1, body: [1])])
            try await database.refuse([ExecutionStore.appendHistory(execution, firstEvent: 1, body: [2])], with: .conflict)
            try expect(try await chunks(of: database) { try ExecutionStore.history(execution, limit: 9, in: $0) }, ["1:[1]"], "chunks")
            await database.close()
        },
        ConformanceCase("a history is read from the chunk that holds an event, in both directions, page by page") { subject in
            let database = try await migrated(subject)
            // Chunks of ten events: 1, 11, 21 … 191.
            try await database.apply(
                (0..<20).map { ExecutionStore.appendHistory(execution, firstEvent: $0 * 10 + 1, body: [UInt8($0)]) } + [
                    ExecutionStore.appendHistory(ExecutionID(value: 41), firstEvent: 5, body: [99]),
                    ExecutionStore.appendHistory(ExecutionID(value: 43), firstEvent: 1, body: [99]),
                ])
            for (event, first) in [(1, 1), (10, 1), (11, 11), (15, 11), (191, 191), (500, 191)] {
                let found = try await chunks(of: database) { try ExecutionStore.history(execution, from: event, limit: 1, in: $0) }
                try expect(found, ["\(first):[\(first / 10)]"], "chunk that holds event \(event)")
                let backward = try await chunks(of: database) {
                    try ExecutionStore.historyBackward(execution, upTo: event, limit: 1, in: $0)
                }
                try expect(backward, found, "the same, backward")
            }
            let page = try await chunks(of: database) { try ExecutionStore.history(execution, from: 25, limit: 3, in: $0) }
            try expect(page, ["21:[2]", "31:[3]", "41:[4]"], "a page")
            let back = try await chunks(of: database) { try ExecutionStore.historyBackward(execution, upTo: 25, limit: 2, in: $0) }
            try expect(back, ["21:[2]", "11:[1]"], "a page backward")
            let deltas = try await chunks(of: database) { try ExecutionStore.chunks(execution, from: 25, limit: 2, in: $0) }
            try expect(deltas, ["31:[3]", "41:[4]"], "chunks that begin at or after an event")
            await database.close()
        },
        ConformanceCase("a snapshot is replaced by the next") { subject in
            let database = try await migrated(subject)
            try await database.apply([ExecutionStore.recordSnapshot(execution, nextEvent: 5, body: [1])])
            try await database.apply([ExecutionStore.recordSnapshot(execution, nextEvent: 9, body: [2, 0])])
            let found = try await database.read { transaction in
                try ExecutionStore.snapshot(execution, in: transaction).map { "\($0.nextEvent) \($0.body)" }
            }
            try expect(found, "9 [2, 0]", "snapshot")
            let other = try await database.read { try ExecutionStore.snapshot(ExecutionID(value: 1), in: $0)?.nextEvent }
            try expect(other, nil, "snapshot of another execution")
            await database.close()
        },
    ]

    private static func chunks(
        of database: any Database,
        _ query: @escaping @Sendable (any ReadTransaction) throws -> [(firstEvent: Int, body: [UInt8])]
    ) async throws -> [String] {
        try await database.read { try query($0).map { "\($0.firstEvent):\($0.body)" } }
    }
}
