import Store
import Synchronization

extension ConformanceCase {
    /// Batches of many callers, which a driver may commit together.
    static let groups: [ConformanceCase] = [
        ConformanceCase("one failing batch does not spoil those around it") { subject in
            let database = try await Probe.open(subject)
            try await database.apply([Probe.insert(500_000)])
            let outcomes = await outcomes(
                (0..<300).map { id in
                    switch id % 10 {
                    case 3: [Probe.insert(id), Probe.insert(500_000)]
                    case 7: [Probe.insert(id), Statement("SELECT nothing FROM nowhere")]
                    default: [Probe.insert(id)]
                    }
                }, in: database)
            for (id, outcome) in outcomes.enumerated() {
                let expected: StoreError.Code? =
                    switch id % 10 {
                    case 3: .conflict
                    case 7: .invalidStatement
                    default: nil
                    }
                try expect(outcome, expected, "outcome of batch \(id)")
            }
            let applied = (0..<300).filter { $0 % 10 != 3 && $0 % 10 != 7 }.map(Int64.init)
            try expect(try await Probe.ids(in: database), applied + [500_000], "ids")
            await database.close()
        },
        ConformanceCase("batches are applied in the order in which they were handed over") { subject in
            let database = try await Probe.open(subject)
            // Each but the first is guarded by what the one before it wrote.
            let batches = (0..<500).map { number in
                number == 0
                    ? [Probe.insert(1, note: "0")]
                    : [
                        Statement(
                            "UPDATE probe SET note = ? WHERE id = 1 AND note = ?", [.text("\(number)"), .text("\(number - 1)")],
                            expecting: .changes(1))
                    ]
            }
            try expect(await outcomes(batches, in: database).compactMap { $0 }, [], "failures")
            try expect(try await Probe.row(1, in: database)?.text(1), "499", "note")
            await database.close()
        },
        ConformanceCase("answers come in the order of the batches") { subject in
            let database = try await Probe.open(subject)
            let answered = Mutex<[Int]>([])
            await withCheckedContinuation { continuation in
                for id in 0..<200 {
                    database.apply([Probe.insert(id % 150)]) { _ in
                        let count = answered.withLock { answered in
                            answered.append(id)
                            return answered.count
                        }
                        if count == 200 { continuation.resume() }
                    }
                }
            }
            try expect(answered.withLock { $0 }, Array(0..<200), "order")
            await database.close()
        },
        ConformanceCase("of many that take the same key one wins") { subject in
            let database = try await Probe.open(subject)
            let outcomes = await outcomes((0..<50).map { [Probe.insert(1, note: "\($0)")] }, in: database)
            try expect(outcomes.filter { $0 == nil }.count, 1, "winners")
            try expect(outcomes.filter { $0 == .conflict }.count, 49, "losers")
            try expect(outcomes[0], nil, "the first")
            await database.close()
        },
    ]

    /// Hands all batches over before any is answered; how each went, nil for success.
    private static func outcomes(_ batches: [[Statement]], in database: any Database) async -> [StoreError.Code?] {
        let results = Mutex<[Int: StoreError.Code?]>([:])
        await withCheckedContinuation { continuation in
            for (index, batch) in batches.enumerated() {
                database.apply(batch) { result in
                    let code: StoreError.Code? =
                        switch result {
                        case .success: nil
                        case .failure(let error): error.code
                        }
                    let count = results.withLock { results in
                        results[index] = .some(code)
                        return results.count
                    }
                    if count == batches.count { continuation.resume() }
                }
            }
        }
        return results.withLock { results in batches.indices.map { results[$0] ?? nil } }
    }
}
