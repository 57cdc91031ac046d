import Store
import TimeSource

extension ConformanceCase {
    /// Starts of asynchronous Express executions.
    static let expressStarts: [ConformanceCase] = [
        ConformanceCase("Express starts come back as they were recorded, in the order of their numbers, page by page") { subject in
            let database = try await migrated(subject)
            let starts = [7, 3, 12, 5, 9].map(start)
            try await database.apply(starts.map(ExpressStore.recordStart))
            var found: [ExpressStart] = []
            while true {
                let page = try await database.read { [last = found.last?.id] in try ExpressStore.starts(after: last, limit: 2, in: $0) }
                found += page
                if page.count < 2 { break }
            }
            try expect(found, starts.sorted { $0.id < $1.id }, "starts")
            await database.close()
        },
        ConformanceCase("an Express start's number is taken once, its name as often as one likes") { subject in
            let database = try await migrated(subject)
            try await database.apply([ExpressStore.recordStart(start(1)), ExpressStore.recordStart(start(2))])
            try await database.refuse([ExpressStore.recordStart(start(1))], with: .conflict)
            await database.close()
        },
        ConformanceCase("an Express start is forgotten, any number of times") { subject in
            let database = try await migrated(subject)
            try await database.apply([1, 2, 3].map { ExpressStore.recordStart(start($0)) })
            try await database.apply([1, 3, 3, 4].map { ExpressStore.forgetStart(ExecutionID(value: $0)) })
            let left = try await database.read { try ExpressStore.starts(after: nil, limit: 9, in: $0) }
            try expect(left, [start(2)], "starts")
            await database.close()
        },
    ]

    private static func start(_ number: Int) -> ExpressStart {
        ExpressStart(
            id: ExecutionID(value: Int64(number)), machine: 4, revision: 2, name: "same", input: [0x22, 0, 0xFF, 0x22],
            startedAt: Timestamp(milliseconds: 1_700_000_000_123))
    }
}
