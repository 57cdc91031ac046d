import Store
import TimeSource

extension ConformanceCase {
    /// Documents of Systems Manager, their versions and shares.
    static let documents: [ConformanceCase] = [
        ConformanceCase("a document is there once, with its first version, until it is deleted") { subject in
            let database = try await migrated(subject)
            let first = version(1)
            try await database.apply(DocumentStore.create(first, content: [0, 255]))
            try await database.refuse(DocumentStore.create(first, content: []), with: .conflict)
            let record = try await document(in: database)
            try expect(record, DocumentRecord(account: "1", name: "d"), "document")
            try expect(try await database.read { try DocumentStore.version(1, of: record, in: $0) }, .some(first), "version")
            try expect(try await database.read { try DocumentStore.content(of: first, in: $0) }, [0, 255], "content")
            try await database.apply(DocumentStore.delete(record))
            try await database.refuse(DocumentStore.delete(record), with: .conflict)
            try await database.apply(DocumentStore.create(first, content: []))
            await database.close()
        },
        ConformanceCase("a change of a document that was decided on an older one is refused") { subject in
            let database = try await migrated(subject)
            try await database.apply(DocumentStore.create(version(1, name: "one"), content: []))
            let record = try await document(in: database)
            try await database.apply(DocumentStore.add(version(2, name: "two"), content: [2], to: record))
            try await database.refuse(DocumentStore.add(version(2), content: [], to: record), with: .conflict)
            try await database.refuse([DocumentStore.setDefault(2, of: record)], with: .conflict)
            try await database.refuse(DocumentStore.delete(record), with: .conflict)
            let second = try await document(in: database)
            try expect(second.latestVersion, 2, "latest version")
            try await database.refuse(DocumentStore.add(version(3, name: "one"), content: [], to: second), with: .conflict)
            try await database.apply([DocumentStore.setDefault(2, of: second)])
            try expect(try await document(in: database).defaultVersion, 2, "default version")
            let named = try await database.read { try DocumentStore.version(named: "two", of: second, in: $0) }
            try expect(named?.number, 2, "version of the name")
            await database.close()
        },
        ConformanceCase("the numbers of a document's versions do not come back") { subject in
            let database = try await migrated(subject)
            try await database.apply(DocumentStore.create(version(1), content: []))
            for number in 2...3 {
                try await database.apply(DocumentStore.add(version(Int64(number)), content: [], to: try await document(in: database)))
            }
            let record = try await document(in: database)
            try expect(try await database.read { try DocumentStore.newest(of: record, below: 3, in: $0) }, 2, "version below")
            try await database.apply(DocumentStore.delete(3, of: record, latest: 2))
            let left = try await document(in: database)
            try expect([left.latestVersion, left.lastVersion], [2, 3], "latest and last version")
            let versions = try await database.read { try DocumentStore.versions(of: left, after: 0, limit: 9, in: $0).map(\.number) }
            try expect(versions, [1, 2], "versions")
            let census = try await database.read { try DocumentStore.census(of: left, hash: "hash-2", in: $0) }
            try expect(census.count, 2, "count")
            try require(census.hasHash, "the hash is known")
            await database.close()
        },
        ConformanceCase("documents are listed in their default version, and shared with accounts until they are not") { subject in
            let database = try await migrated(subject)
            for name in ["b", "B", "a-1"] { try await database.apply(DocumentStore.create(version(1, of: name), content: [])) }
            try await database.apply(DocumentStore.create(version(1), content: []))
            let record = try await document(in: database)
            try await database.apply(DocumentStore.add(version(2), content: [], to: record))
            let page = try await database.read { try DocumentStore.list(account: "1", after: "B", limit: 3, in: $0) }
            try expect(page.map(\.name), ["a-1", "b", "d"], "names")
            try expect(page.map(\.number), [1, 1, 1], "versions")
            let changed = try await document(in: database)
            try await database.apply(DocumentStore.share(changed, version: "$DEFAULT", with: ["2", "3"], notWith: []))
            try await database.apply(
                DocumentStore.share(try await document(in: database), version: "2", with: ["3"], notWith: ["2"]))
            let shares = try await database.read { try DocumentStore.shares(of: changed, in: $0) }
            try expect(shares.map(\.account), ["3"], "accounts")
            try expect(shares.map(\.version), ["2"], "versions")
            await database.close()
        },
    ]

    private static func document(in database: any Database) async throws -> DocumentRecord {
        try unwrap(try await database.read { try DocumentStore.find("d", account: "1", in: $0) }, "document")
    }

    private static func version(_ number: Int64, of document: String = "d", name: String? = nil) -> DocumentVersionRecord {
        DocumentVersionRecord(
            account: "1", name: document, number: number, versionName: name, displayName: nil, targetType: "/AWS::EC2::Instance",
            documentType: "Command", schemaVersion: "2.2", platformTypes: ["Linux", "MacOS"], description: "what it does",
            format: "YAML", hash: "hash-\(number)", createdAt: Timestamp(milliseconds: 1_000))
    }
}
