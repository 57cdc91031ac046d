import Store

extension ConformanceCase {
    /// A batch is applied whole or not at all.
    static let batches: [ConformanceCase] = [
        ConformanceCase("a batch is there, whole, when it is acknowledged") { subject in
            let database = try await Probe.open(subject)
            let results = try await database.apply([Probe.insert(1), Probe.insert(2, note: "b"), Probe.update(2, note: "c")])
            try expect(results.map(\.changes), [1, 1, 1], "changes")
            try expect(try await Probe.ids(in: database), [1, 2], "ids")
            try expect(try await Probe.row(2, in: database)?.text(1), "c", "note")
            await database.close()
        },
        ConformanceCase("a failed guard is a conflict and nothing of its batch happened") { subject in
            let database = try await Probe.open(subject)
            try await database.refuse([Probe.insert(1), Probe.update(9, note: "nobody"), Probe.insert(2)], with: .conflict)
            try expect(try await Probe.ids(in: database), [], "ids")
            await database.close()
        },
        ConformanceCase("a guard counts rows exactly") { subject in
            let database = try await Probe.open(subject)
            try await database.apply([Probe.insert(1), Probe.insert(2)])
            let both = Statement("UPDATE probe SET note = 'x'", expecting: .changes(1))
            try await database.refuse([both], with: .conflict)
            try await database.apply([Statement("UPDATE probe SET note = 'x'", expecting: .changes(2))])
            try await database.apply([Statement("DELETE FROM probe WHERE id = 9", expecting: .changes(0))])
            await database.close()
        },
        ConformanceCase("a key that is taken and a CHECK that fails are conflicts") { subject in
            let database = try await Probe.open(subject)
            try await database.apply([Probe.insert(1, note: "first")])
            try await database.refuse([Probe.insert(2), Probe.insert(1, note: "second")], with: .conflict)
            try await database.refuse([Probe.insert(1_000_000)], with: .conflict)
            try expect(try await Probe.ids(in: database), [1], "ids")
            try expect(try await Probe.row(1, in: database)?.text(1), "first", "note")
            await database.close()
        },
        ConformanceCase("a wrong statement is told apart from a conflict") { subject in
            let database = try await Probe.open(subject)
            try await database.refuse([Probe.insert(1), Statement("INSERT INTO nowhere (id) VALUES (1)")], with: .invalidStatement)
            try await database.refuse([Statement("UPDATE probe SET note = ?", [])], with: .invalidStatement)
            try expect(try await Probe.ids(in: database), [], "ids")
            await database.close()
        },
        ConformanceCase("RETURNING gives the rows of its statement") { subject in
            let database = try await Probe.open(subject)
            try await database.apply([Probe.insert(1, note: "a"), Probe.insert(2, note: "b"), Probe.insert(3, note: "c")])
            let results = try await database.apply([
                Statement("DELETE FROM probe WHERE id > ? RETURNING id, note", [.integer(1)]), Probe.insert(4),
            ])
            let deleted = try results[0].rows.map { "\(try $0.integer(0))\(try $0.text(1))" }.sorted()
            try expect(deleted, ["2b", "3c"], "rows")
            try expect(results[0].changes, 2, "changes")
            try expect(results[1].rows, [], "rows of a statement without RETURNING")
            await database.close()
        },
        ConformanceCase("an upsert inserts, replaces, or does nothing, as it says") { subject in
            let database = try await Probe.open(subject)
            let replace = Statement(
                "INSERT INTO probe (id, note) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET note = excluded.note",
                [.integer(1), .text("new")])
            let keep = Statement(
                "INSERT INTO probe (id, note) VALUES (?, ?) ON CONFLICT (id) DO NOTHING", [.integer(1), .text("ignored")])
            try expect(try await database.apply([Probe.insert(1, note: "old"), replace, keep]).map(\.changes), [1, 1, 0], "changes")
            try expect(try await Probe.row(1, in: database)?.text(1), "new", "note")
            await database.close()
        },
        ConformanceCase("an empty batch succeeds") { subject in
            let database = try await Probe.open(subject)
            try expect(try await database.apply([]).count, 0, "results")
            await database.close()
        },
        ConformanceCase("an acknowledged batch is there when the database is opened again") { subject in
            let database = try await Probe.open(subject)
            for id in 0..<50 { try await database.apply([Probe.insert(id)]) }
            await database.close()
            let again = try await subject.open()
            try expect(try await Probe.ids(in: again), (0..<50).map(Int64.init), "ids")
            await again.close()
        },
        ConformanceCase("a closed database takes nothing more, and closes twice") { subject in
            let database = try await Probe.open(subject)
            await database.close()
            try await database.refuse([Probe.insert(1)], with: .closed)
            do {
                _ = try await Probe.ids(in: database)
                throw ConformanceFailure(description: "a closed database was read")
            } catch let error as StoreError {
                try expect(error.code, .closed, "code")
            }
            await database.close()
        },
        ConformanceCase("what was handed over before the closing is finished") { subject in
            let database = try await Probe.open(subject)
            let results = try await withThrowingTaskGroup(of: Bool.self) { group in
                for id in 0..<100 {
                    let handedOver = AsyncStream<Void>.makeStream()
                    group.addTask {
                        await withCheckedContinuation { continuation in
                            database.apply([Probe.insert(id)]) { continuation.resume(returning: (try? $0.get()) != nil) }
                            handedOver.continuation.finish()
                        }
                    }
                    for await _ in handedOver.stream {}
                }
                await database.close()
                return try await group.reduce(into: [Bool]()) { $0.append($1) }
            }
            try expect(results.filter { $0 }.count, 100, "applied batches")
            let again = try await subject.open()
            try expect(try await Probe.ids(in: again).count, 100, "rows")
            await again.close()
        },
    ]
}
