import Store
import TimeSource

extension ConformanceCase {
    /// Executions and their names.
    static let executions: [ConformanceCase] = [
        ConformanceCase("a started execution is found by number and by name") { subject in
            let database = try await migrated(subject)
            let record = ExecutionRecord.sample(1, name: "night")
            try await database.apply(ExecutionStore.startExecution(record, inputHash: [7, 0, 7]))
            let (found, holder) = try await database.read { transaction in
                let holder = try ExecutionStore.holder(ofName: "night", machine: 1, in: transaction)
                return (
                    try ExecutionStore.find(record.id, in: transaction),
                    holder.map { "\($0.id.value) \($0.inputHash) \($0.isClosed)" }
                )
            }
            try expect(found, record, "execution")
            try expect(holder, "\(record.id.value) [7, 0, 7] false", "holder of the name")
            await database.close()
        },
        ConformanceCase("a name is taken once for a machine, also by an execution that has ended") { subject in
            let database = try await migrated(subject)
            let first = ExecutionRecord.sample(1, name: "night")
            try await database.apply(ExecutionStore.startExecution(first, inputHash: []))
            let second = ExecutionRecord.sample(2, name: "night")
            try await database.refuse(ExecutionStore.startExecution(second, inputHash: []), with: .conflict)
            try await database.apply(ExecutionStore.endExecution(first.ended(.succeeded)))
            try await database.refuse(ExecutionStore.startExecution(second, inputHash: []), with: .conflict)
            let refused = try await database.read { try ExecutionStore.find(second.id, in: $0) }
            try expect(refused, nil, "the refused execution")
            try await database.apply(ExecutionStore.startExecution(.sample(3, machine: 2, name: "night"), inputHash: []))
            await database.close()
        },
        ConformanceCase("an execution ends once, and its name is closed with it") { subject in
            let database = try await migrated(subject)
            let record = ExecutionRecord.sample(1, name: "night")
            try await database.apply(
                ExecutionStore.startExecution(record, inputHash: []) + [
                    ExecutionStore.recordSnapshot(record.id, nextEvent: 5, body: [1])
                ])
            let ended = record.ended(.failed)
            try await database.apply(ExecutionStore.endExecution(ended))
            try await database.refuse(ExecutionStore.endExecution(record.ended(.succeeded)), with: .conflict)
            let (found, isClosed, snapshot) = try await database.read { transaction in
                (
                    try ExecutionStore.find(record.id, in: transaction),
                    try ExecutionStore.holder(ofName: "night", machine: 1, in: transaction)?.isClosed,
                    try ExecutionStore.snapshot(record.id, in: transaction)?.nextEvent
                )
            }
            try expect(found, ended, "execution")
            try expect(isClosed, true, "closed")
            try expect(snapshot, nil, "snapshot of an ended execution")
            await database.close()
        },
        ConformanceCase("an execution that ended in its first turn is stored as ended") { subject in
            let database = try await migrated(subject)
            let record = ExecutionRecord.sample(1, name: "short").ended(.succeeded)
            try await database.apply(ExecutionStore.startExecution(record, inputHash: []))
            let found = try await database.read { try ExecutionStore.find(record.id, in: $0) }
            try expect(found, record, "execution")
            let isClosed = try await database.read { try ExecutionStore.holder(ofName: "short", machine: 1, in: $0)?.isClosed }
            try expect(isClosed, true, "closed")
            await database.close()
        },
        ConformanceCase("a status and its stop date contradict each other never") { subject in
            let database = try await migrated(subject)
            var record = ExecutionRecord.sample(1, name: "odd")
            record.status = .succeeded
            try await database.refuse(ExecutionStore.startExecution(record, inputHash: []), with: .conflict)
            var running = ExecutionRecord.sample(1, name: "odd")
            running.stoppedAt = Timestamp(milliseconds: 1)
            try await database.refuse(ExecutionStore.startExecution(running, inputHash: []), with: .conflict)
            await database.close()
        },
        ConformanceCase("executions are listed newest first, page by page, without a gap or a repetition") { subject in
            let database = try await migrated(subject)
            try await start(1...57, in: database)
            try await database.apply(ExecutionStore.startExecution(.sample(1_000, machine: 2, name: "other"), inputHash: []))
            for limit in [1, 10, 19, 57, 100] {
                let (ids, pages) = try await all(.init(machine: 1, status: nil, before: nil, from: .init(value: 0)), limit, in: database)
                try expect(ids, Array((1...57).reversed()), "ids by \(limit)")
                try expect(pages, (57 + limit - 1) / limit, "pages by \(limit)")
            }
            await database.close()
        },
        ConformanceCase("a listing filters by status and by where the machine's present life begins") { subject in
            let database = try await migrated(subject)
            try await start(1...40, in: database)
            let statuses: [ExecutionRecord.Status] = [.succeeded, .failed, .timedOut, .aborted]
            for number in 1...40 where number % 5 != 0 {
                let record = ExecutionRecord.sample(Int64(number), name: "n\(number)")
                try await database.apply(ExecutionStore.endExecution(record.ended(statuses[number % 5 - 1])))
            }
            for (offset, status) in ([.running] + statuses).enumerated() {
                let filter = ExecutionStore.ListFilter(machine: 1, status: status, before: nil, from: .init(value: 0))
                let (ids, _) = try await all(filter, 3, in: database)
                try expect(ids, (1...40).filter { $0 % 5 == Int64(offset) }.reversed(), "\(status.rawValue)")
            }
            let late = ExecutionStore.ListFilter(machine: 1, status: nil, before: nil, from: .init(value: 31))
            try expect(try await all(late, 4, in: database).ids, Array((31...40).reversed()), "ids from 31 on")
            await database.close()
        },
        ConformanceCase("a listing looks at a bounded number of rows: a page may be empty and have a next one") { subject in
            let database = try await migrated(subject)
            // The only one that matches is the oldest of many.
            for first in stride(from: Int64(1), through: 2_500, by: 500) { try await start(first...(first + 499), in: database) }
            for first in stride(from: Int64(1), through: 2_500, by: 500) {
                try await database.apply(
                    (first..<first + 500).flatMap { number in
                        ExecutionStore.endExecution(
                            ExecutionRecord.sample(number, name: "n\(number)").ended(number == 1 ? .timedOut : .failed))
                    })
            }
            let filter = ExecutionStore.ListFilter(machine: 1, status: .timedOut, before: nil, from: .init(value: 0))
            let first = try await database.read { transaction in
                let page = try ExecutionStore.list(filter, limit: 10, in: transaction)
                return (page.records.count, page.next)
            }
            try expect(first.0, 0, "records on the first page")
            try require(first.1 != nil, "the first page says that there is no other")
            let (ids, pages) = try await all(filter, 10, in: database)
            try expect(ids, [1], "ids")
            try expect(pages, 3, "pages of 1,000 rows")
            await database.close()
        },
        ConformanceCase("an execution's number tells its shard and grows with time") { _ in
            let early = ExecutionID(startedAt: Timestamp(milliseconds: 1_800_000_000_000), shard: 1_023, sequence: 4_095)
            let late = ExecutionID(startedAt: Timestamp(milliseconds: 1_800_000_000_001), shard: 0, sequence: 0)
            try expect(early.shard, 1_023, "shard")
            try require(early < late, "a later execution has a smaller number")
            try require(ExecutionID.first(at: Timestamp(milliseconds: 1_800_000_000_001)) <= late, "the first of a moment is larger")
            try require(early < ExecutionID.first(at: Timestamp(milliseconds: 1_800_000_000_001)), "the last of a moment is not smaller")
        },
    ]

    private static func start(_ numbers: ClosedRange<Int64>, in database: any Database) async throws {
        try await database.apply(
            numbers.flatMap { ExecutionStore.startExecution(.sample($0, name: "n\($0)"), inputHash: [1]) })
    }

    private static func all(
        _ filter: ExecutionStore.ListFilter, _ limit: Int, in database: any Database
    ) async throws -> (ids: [Int64], pages: Int) {
        var filter = filter
        var ids: [Int64] = []
        var pages = 0
        while true {
            let (page, next) = try await database.read { [filter] transaction in
                let page = try ExecutionStore.list(filter, limit: limit, in: transaction)
                return (page.records.map(\.id.value), page.next)
            }
            try require(page.count <= limit, "a page of \(page.count)")
            ids += page
            pages += 1
            guard let next else { return (ids, pages) }
            filter.before = next
        }
    }
}

extension ExecutionRecord {
    /// A running execution that differs from others in what a case is about.
    static func sample(_ id: Int64, machine: Int64 = 1, name: String) -> ExecutionRecord {
        ExecutionRecord(
            id: ExecutionID(value: id), machine: machine, revision: 1, name: name, status: .running,
            startedAt: Timestamp(milliseconds: 1_000 + id))
    }

    /// The execution after its end.
    func ended(_ status: Status) -> ExecutionRecord {
        var ended = self
        ended.status = status
        ended.stoppedAt = Timestamp(milliseconds: 5_000)
        return ended
    }
}
