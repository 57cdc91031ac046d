import Store

extension ConformanceCase {
    /// Values come back as they went in.
    static let values: [ConformanceCase] =
        [
            valueCase("blobs of any bytes, NUL and none included", bodies) {
                Probe.insert($0, body: $1)
            } column: { row in
                row.values[0]
            } as: {
                .blob($0)
            },
            valueCase("texts of all planes, and the empty one", notes) {
                Probe.insert($0, note: $1)
            } column: { row in
                row.values[1]
            } as: {
                .text($0)
            },
            valueCase("real numbers to the last bit", amounts) {
                Probe.insert($0, amount: $1)
            } column: { row in
                row.values[2]
            } as: {
                .real($0)
            },
            ConformanceCase("integers of 64 bits come back, and NULL is no value of another type") { subject in
                let database = try await Probe.open(subject)
                for number in [Int64.min, -1, 0, 1, Int64.max] {
                    let row = try await database.read { try $0.row("SELECT CAST(? AS BIGINT)", [.integer(number)]) }
                    try expect(row?.values, [.integer(number)], "integer")
                }
                try await database.apply([Probe.insert(1)])
                try expect(try await Probe.row(1, in: database)?.values, [.null, .null, .null], "row of NULLs")
                try await database.apply([Probe.insert(2, body: [], note: "")])
                try expect(try await Probe.row(2, in: database)?.values, [.blob([]), .text(""), .null], "row of empty values")
                await database.close()
            },
            ConformanceCase("texts are compared and ordered by their bytes") { subject in
                let database = try await Probe.open(subject)
                // One composed, one decomposed: equal to a reader, different as keys.
                let names = ["Z", "a", "b", "\u{e9}", "e\u{301}", "\u{1F600}", "\u{FFFD}"]
                try await database.apply(names.enumerated().map { Probe.insert($0, note: $1) })
                let sorted = try await database.read { transaction in
                    try transaction.rows("SELECT note FROM probe ORDER BY note").map { try $0.text(0) }
                }
                let expected = names.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
                try expect(sorted.map { Array($0.utf8) }, expected.map { Array($0.utf8) }, "order")
                let found = try await database.read { try $0.rows("SELECT id FROM probe WHERE note = ?", [.text("\u{e9}")]) }
                try expect(found.count, 1, "rows that equal the composed letter")
                await database.close()
            },
        ]

    private static let bodies: [[UInt8]] =
        [[], [0], [0, 0, 1], Array(0...255), Array("text\u{0}text".utf8)] + [Array(repeating: 0xA5, count: 4 << 20)]
    private static let notes =
        [
            "", "plain", "quote ' and \" and ?", "line\nbreak\ttab", "\u{e9}e\u{301}", "日本語", "\u{1F469}\u{200D}\u{1F680}",
            "\u{10FFFF}\u{FFFE}",
        ]
        + [String(repeating: "Ω", count: 500_000)]
    private static let amounts: [Double] = [0, -1.5, 0.1, 1e308, Double.leastNonzeroMagnitude, 3.141592653589793, -9_007_199_254_740_992]

    private static func valueCase<Value: Sendable>(
        _ name: String, _ values: [Value], _ insert: @escaping @Sendable (Int, Value) -> Statement,
        column: @escaping @Sendable (Row) -> SQLValue, as expected: @escaping @Sendable (Value) -> SQLValue
    ) -> ConformanceCase {
        ConformanceCase("\(name) come back as they went in") { subject in
            let database = try await Probe.open(subject)
            for (id, value) in values.enumerated() { try await database.apply([insert(id, value)]) }
            for (id, value) in values.enumerated() {
                let row = try unwrap(try await Probe.row(id, in: database), "row \(id)")
                try require(column(row) == expected(value), "value \(id) came back changed")
            }
            await database.close()
        }
    }
}
