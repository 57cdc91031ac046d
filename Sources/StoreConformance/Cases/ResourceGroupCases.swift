import Store
import TimeSource

extension ConformanceCase {
    static let resourceGroups: [ConformanceCase] = [
        ConformanceCase("nodes are selected by all criteria at once, in order, the deregistered left out") { subject in
            let database = try await migrated(subject)
            let tags = ["a": ["role": "crawler", "zone": "1"], "b": ["role": "crawler", "zone": "2"], "c": ["role": "indexer"], "d": [:]]
            for (id, tags) in tags.sorted(by: { $0.key < $1.key }) {
                try await database.apply(
                    [bareNode(id)] + tags.map { TagStore.set($0.key, to: $0.value, of: id, account: "1") })
            }
            try await database.apply([
                TagStore.set("role", to: "crawler", of: "b", account: "2"), ManagedNodeStore.deregister("d", account: "1"),
            ])
            func selected(_ change: (inout NodeSelection) -> Void, account: String = "1") async throws -> [String] {
                var selection = NodeSelection()
                change(&selection)
                return try await database.read { [selection] in try selection.nodes(account: account, in: $0) }
            }
            try expect(try await selected { _ in }, ["a", "b", "c"], "all")
            try expect(try await selected { $0.tags = [.tag(key: "role", values: ["crawler"])] }, ["a", "b"], "by a tag")
            try expect(
                try await selected { $0.tags = [.tag(key: "role", values: ["crawler"]), .tag(key: "zone", values: ["2", "3"])] }, ["b"],
                "by two tags")
            try expect(try await selected { $0.tags = [.tag(key: "role", values: [])] }, ["a", "b", "c"], "by a key of any value")
            try expect(try await selected { $0.tags = [.oneOfKeys(["zone", "x"])] }, ["a", "b"], "by one of two keys")
            try expect(try await selected { $0.ids = [["c", "a", "x"]] }, ["a", "c"], "by ids")
            try expect(
                try await selected {
                    $0.ids = [["c", "a"], ["c"]]
                    $0.tags = [.tag(key: "role", values: ["indexer"])]
                }, ["c"], "by ids and a tag")
            try expect(try await selected { $0.isEmpty = true }, [], "none")
            try expect(try await selected({ $0.tags = [.tag(key: "role", values: ["crawler"])] }, account: "2"), [], "of another account")
            await database.close()
        },
        ConformanceCase("resources are found by their tags, page by page") { subject in
            let database = try await migrated(subject)
            for number in 10..<35 {
                try await database.apply([
                    TagStore.set("team", to: number % 2 == 0 ? "ops" : "web", of: "r\(number)", account: "1"),
                    TagStore.set("x", to: "", of: "r\(number)", account: "1"),
                ])
            }
            var found: [String] = []
            while true {
                let page = try await database.read { [after = found.last ?? ""] in
                    try TagStore.resources(
                        meeting: [.tag(key: "team", values: ["ops"]), .oneOfKeys(["x"])], account: "1", after: after, limit: 5, in: $0)
                }
                found += page
                if page.count < 5 { break }
            }
            try expect(found, (10..<35).filter { $0 % 2 == 0 }.map { "r\($0)" }, "resources")
            await database.close()
        },
        ConformanceCase("groups are made once, changed, listed and deleted") { subject in
            let database = try await migrated(subject)
            func group(_ name: String, account: String = "1") -> ResourceGroupRecord {
                ResourceGroupRecord(account: account, name: name, facts: [1], query: [2], createdAt: .epoch)
            }
            try await database.apply([group("b"), group("a"), group("a", account: "2")].map(ResourceGroupStore.create))
            try expect(try await database.applyUnlessConflict([ResourceGroupStore.create(group("a"))]), false, "a second one of the name")
            try await database.apply([
                ResourceGroupStore.setFacts([3], of: "a", account: "1"), ResourceGroupStore.setQuery([4], of: "a", account: "1"),
            ])
            let changed = try await database.read { try ResourceGroupStore.find("a", account: "1", in: $0) }
            try expect(changed.map { [$0.facts, $0.query] }, [[3], [4]], "the changed group")
            let names = try await database.read { try ResourceGroupStore.list(account: "1", after: "", limit: 10, in: $0).map(\.name) }
            try expect(names, ["a", "b"], "names")
            try await database.apply([ResourceGroupStore.delete("a", account: "1")])
            for statement in [
                ResourceGroupStore.delete("a", account: "1"), ResourceGroupStore.setFacts([], of: "a", account: "1"),
                ResourceGroupStore.setQuery([], of: "a", account: "1"),
            ] {
                try expect(try await database.applyUnlessConflict([statement]), false, "a change of a deleted group")
            }
            await database.close()
        },
    ]

    private static func bareNode(_ id: String) -> Statement {
        ManagedNodeStore.create(
            ManagedNodeRecord(
                id: id, account: "1", activation: "", publicKey: Array(id.utf8), name: nil, role: "", facts: [], toldTags: [],
                incarnation: 1, lastPingAt: .epoch, registeredAt: .epoch, state: .active))
    }
}
