import Store
import Synchronization

extension ConformanceCase {
    /// Reads are consistent, and see what was acknowledged.
    static let reads: [ConformanceCase] = [
        ConformanceCase("a read sees every batch that was acknowledged before it") { subject in
            let database = try await Probe.open(subject)
            for id in 0..<200 {
                try await database.apply([Probe.insert(id)])
                try require(try await Probe.row(id, in: database) != nil, "row \(id) was acknowledged and is not seen")
            }
            await database.close()
        },
        ConformanceCase("a read keeps its view while others write") { subject in
            let database = try await Probe.open(subject)
            try await database.apply([Probe.insert(1, note: "before")])
            let isWritten = Mutex(false)
            let hasLooked = AsyncStream<Void>.makeStream()
            async let notes = database.read { transaction -> [String] in
                let first = try transaction.row("SELECT note FROM probe WHERE id = 1")?.text(0) ?? ""
                hasLooked.continuation.finish()
                // A reader's own thread may wait; the writer's must not need it.
                while !isWritten.withLock({ $0 }) {}
                let second = try transaction.row("SELECT note FROM probe WHERE id = 1")?.text(0) ?? ""
                let count = try transaction.row("SELECT COUNT(*) FROM probe")?.integer(0) ?? 0
                return [first, second, "\(count)"]
            }
            for await _ in hasLooked.stream {}
            let write = await Result { () async throws -> Void in
                try await database.apply([Probe.update(1, note: "after"), Probe.insert(2)])
            }
            isWritten.withLock { $0 = true }
            try write.get()
            try expect(try await notes, ["before", "before", "1"], "view")
            try expect(try await Probe.row(1, in: database)?.text(1), "after", "a later read")
            await database.close()
        },
        ConformanceCase("no read sees half a batch") { subject in
            let database = try await Probe.open(subject)
            try await database.apply([Probe.insert(1, note: "0"), Probe.insert(2, note: "0")])
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for number in 1...200 {
                        try await database.apply([Probe.update(1, note: "\(number)"), Probe.update(2, note: "\(number)")])
                    }
                }
                for _ in 0..<3 {
                    group.addTask {
                        for _ in 0..<100 {
                            let notes = try await database.read { try $0.rows("SELECT note FROM probe").map { try $0.text(0) } }
                            try expect(Set(notes).count, 1, "different notes in one view")
                        }
                    }
                }
                try await group.waitForAll()
            }
            await database.close()
        },
        ConformanceCase("a read cannot write") { subject in
            let database = try await Probe.open(subject)
            do {
                _ = try await database.read { try $0.rows("INSERT INTO probe (id) VALUES (1)", []) }
                throw ConformanceFailure(description: "a read wrote")
            } catch is StoreError {}
            try expect(try await Probe.ids(in: database), [], "ids")
            await database.close()
        },
        ConformanceCase("an error of the reader comes back as it was thrown, and the next read works") { subject in
            struct Own: Error {}
            let database = try await Probe.open(subject)
            for _ in 0..<20 {
                do {
                    try await database.read { _ in throw Own() }
                    throw ConformanceFailure(description: "the error is lost")
                } catch is Own {}
                do {
                    _ = try await database.read { try $0.rows("SELECT nothing FROM nowhere") }
                    throw ConformanceFailure(description: "a wrong query has rows")
                } catch let error as StoreError {
                    try expect(error.code, .invalidStatement, "code")
                }
            }
            try expect(try await Probe.ids(in: database), [], "ids")
            await database.close()
        },
        ConformanceCase("many reads at once all come back") { subject in
            let database = try await Probe.open(subject)
            try await database.apply((0..<100).map { Probe.insert($0) })
            let total = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<200 { group.addTask { try await Probe.ids(in: database).count } }
                return try await group.reduce(0, +)
            }
            try expect(total, 20_000, "rows")
            await database.close()
        },
    ]
}

extension Result where Failure == any Error {
    /// What an asynchronous body returned or threw.
    fileprivate init(_ body: () async throws -> Success) async {
        do {
            self = .success(try await body())
        } catch {
            self = .failure(error)
        }
    }
}
