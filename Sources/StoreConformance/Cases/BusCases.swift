import Store
import TimeSource

extension ConformanceCase {
    /// Event buses and the rules on them.
    static let buses: [ConformanceCase] = [
        ConformanceCase("a bus is there once, is changed by who read it last, and is deleted") { subject in
            let database = try await migrated(subject)
            let record = bus("orders")
            try await database.apply([BusStore.create(record)])
            try await database.refuse([BusStore.create(record)], with: .conflict)
            var changed = record
            changed.description = "of the shop"
            changed.policy = [0, 255]
            try await database.apply([BusStore.replace(changed, previous: record)])
            try await database.refuse([BusStore.replace(record, previous: record)], with: .conflict)
            let found = try await database.read { try BusStore.find(name: "orders", account: "1", in: $0) }
            try expect(found?.description, "of the shop", "description")
            try expect(found?.policy, [0, 255], "policy")
            try expect(try await database.read { try BusStore.count(account: "1", in: $0) }, 1, "buses")
            try await database.apply([BusStore.delete(name: "orders", account: "1")])
            try await database.refuse([BusStore.delete(name: "orders", account: "1")], with: .conflict)
            try await database.refuse([BusStore.requirePresent(name: "orders", account: "1")], with: .conflict)
            await database.close()
        },
        ConformanceCase("a bus with rules stays") { subject in
            let database = try await migrated(subject)
            try await database.apply([
                BusStore.create(bus("orders")), BusStore.requirePresent(name: "orders", account: "1"),
                RuleStore.create(rule("r", on: "orders")),
            ])
            try await database.refuse([BusStore.delete(name: "orders", account: "1")], with: .conflict)
            try await database.apply(RuleStore.delete(rule("r", on: "orders")) + [BusStore.delete(name: "orders", account: "1")])
            await database.close()
        },
        ConformanceCase("buses are listed by name, page by page, each account's own") { subject in
            let database = try await migrated(subject)
            let names = ["B", "a", "a-1", "a.b", "b"]
            try await database.apply((names.map { bus($0) } + [bus("a", account: "2")]).map(BusStore.create))
            var found: [String] = []
            while true {
                let page = try await database.read { [last = found.last ?? ""] in
                    try BusStore.list(account: "1", prefix: "", after: last, limit: 2, in: $0).map(\.name)
                }
                found += page
                if page.count < 2 { break }
            }
            try expect(found, names, "names")
            let some = try await database.read { try BusStore.list(account: "1", prefix: "a", after: "", limit: 9, in: $0).map(\.name) }
            try expect(some, ["a", "a-1", "a.b"], "names that begin with a")
            await database.close()
        },
        ConformanceCase("the rules of a bus for events are those with a pattern that are not disabled") { subject in
            let database = try await migrated(subject)
            try await database.apply(
                [
                    rule("b", on: "x"), rule("a", on: "x"), rule("c", on: "x", state: .disabled), rule("d", on: "y"),
                    rule("e", on: "x", pattern: nil),
                ]
                .map(RuleStore.create))
            let found = try await database.read { try RuleStore.enabledEventRules(account: "1", bus: "x", in: $0) }
            try expect(found.map(\.name), ["a", "b"], "rules")
            await database.close()
        },
    ]

    private static func bus(_ name: String, account: String = "1") -> BusRecord {
        BusRecord(account: account, name: name, createdAt: .epoch, modifiedAt: .epoch)
    }

    private static func rule(
        _ name: String, on bus: String, state: RuleRecord.State = .enabled, pattern: [UInt8]? = Array("{}".utf8)
    ) -> RuleRecord {
        RuleRecord(
            id: "\(bus)/\(name)", account: "1", bus: bus, name: name, state: state,
            scheduleExpression: pattern == nil ? "rate(1 day)" : nil, eventPattern: pattern, description: nil, roleARN: nil,
            anchorAt: .epoch, createdAt: .epoch)
    }
}
