import Store
import TimeSource

extension ConformanceCase {
    /// Buckets, objects and uploads in parts.
    static let objects: [ConformanceCase] = [
        ConformanceCase("an object needs its bucket, and a bucket without objects to go") { subject in
            let database = try await opened(subject)
            try await database.refuse([ObjectRecordStore.create(object("a", bucket: 2))], with: .conflict)
            try await database.apply([ObjectRecordStore.create(object("a"))])
            try await database.refuse([ObjectRecordStore.create(object("a", id: "second"))], with: .conflict)
            try await database.refuse(BucketStore.delete(bucket), with: .conflict)
            try await database.apply(ObjectRecordStore.delete(object("a")))
            try await database.refuse(ObjectRecordStore.delete(object("a")), with: .conflict)
            try await database.apply(BucketStore.delete(bucket))
            let found = try await database.read { try BucketStore.find("bucket", account: "account", in: $0) }
            try expect(found, nil, "the deleted bucket")
            try await database.refuse([ObjectRecordStore.create(object("a"))], with: .conflict)
            await database.close()
        },
        ConformanceCase("an object is replaced as long as it is the one that was read") { subject in
            let database = try await opened(subject)
            try await database.apply([ObjectRecordStore.create(object("a"))])
            var next = object("a", id: "second", size: 7)
            next.tags = Array("{}".utf8)
            try await database.apply([ObjectRecordStore.replace(object("a"), by: next)])
            let found = try await database.read { try ObjectRecordStore.find(ObjectKey("a"), in: 1, in: $0) }
            try expect(found, next, "the object")
            try await database.refuse([ObjectRecordStore.replace(object("a"), by: object("a", id: "third"))], with: .conflict)
            try await database.apply([ObjectRecordStore.setTags(nil, of: next)])
            try await database.refuse([ObjectRecordStore.setTags(nil, of: object("a"))], with: .conflict)
            await database.close()
        },
        ConformanceCase("keys are listed by their bytes, whatever they are") { subject in
            let database = try await opened(subject)
            let keys: [[UInt8]] = [
                [0], [0, 0], [0x20], Array("A".utf8), Array("a/b".utf8), Array("a".utf8), [0xC3, 0xA9], [0x65, 0xCC, 0x81], [0xFF],
            ]
            try await database.apply(keys.enumerated().map { ObjectRecordStore.create(object(ObjectKey(bytes: $1), id: "\($0)")) })
            let listed = try await database.read {
                try ObjectRecordStore.list(1, from: ObjectKey(""), before: nil, limit: 100, in: $0).map(\.key.bytes)
            }
            try expect(listed, keys.sorted { $0.lexicographicallyPrecedes($1) }, "keys")
            let middle = try await database.read {
                try ObjectRecordStore.list(1, from: ObjectKey("a"), before: ObjectKey("b"), limit: 2, in: $0).map(\.key.text)
            }
            try expect(middle, ["a", "a/b"], "keys of a range")
            var pages: [String] = []
            var last: (bucket: Int64, key: ObjectKey)?
            repeat {
                let page = try await database.read { [last] in try ObjectRecordStore.files(after: last, limit: 4, in: $0) }
                pages += page.ids
                last = page.last
            } while last != nil
            try expect(pages.count, keys.count, "files of all pages")
            await database.close()
        },
        ConformanceCase("parts belong to an upload until it ends") { subject in
            let database = try await opened(subject)
            let upload = upload("one")
            try await database.refuse([UploadStore.setPart(part(1, of: "one"), of: upload)], with: .conflict)
            try await database.apply([UploadStore.create(upload)])
            try await database.apply([UploadStore.setPart(part(2, of: "one"), of: upload)])
            try await database.apply([UploadStore.setPart(part(1, of: "one"), of: upload)])
            try await database.apply([UploadStore.setPart(part(2, of: "one", file: "other"), of: upload)])
            let parts = try await database.read { try UploadStore.parts(of: "one", in: $0) }
            try expect(parts, [part(1, of: "one"), part(2, of: "one", file: "other")], "parts")
            let files = try await database.read { try UploadStore.files(after: ("one", 1), limit: 10, in: $0).names }
            try expect(files, ["other"], "files behind the first")
            try await database.apply([UploadStore.end(upload), UploadStore.deletePart(part(1, of: "one"))])
            try await database.refuse([UploadStore.end(upload)], with: .conflict)
            try await database.refuse([UploadStore.setPart(part(3, of: "one"), of: upload)], with: .conflict)
            let left = try await database.read { try UploadStore.parts(of: "one", in: $0).map(\.number) }
            try expect(left, [2], "parts of the object")
            await database.close()
        },
        ConformanceCase("uploads are listed by key and then by age, and go with their bucket") { subject in
            let database = try await opened(subject)
            for id in ["3", "1", "2"] { try await database.apply([UploadStore.create(upload(id))]) }
            try await database.apply([UploadStore.setPart(part(1, of: "1"), of: upload("1"))])
            let listed = try await database.read {
                try UploadStore.list(1, from: ObjectKey(""), after: (ObjectKey("key"), "1"), before: nil, limit: 9, in: $0).map(\.id)
            }
            try expect(listed, ["2", "3"], "uploads behind the first")
            try await database.apply(BucketStore.delete(bucket))
            let parts = try await database.read { try UploadStore.parts(of: "1", in: $0).count }
            try expect(parts, 0, "parts of the deleted bucket's upload")
            await database.close()
        },
        ConformanceCase("settings of a bucket are replaced and go with it") { subject in
            let database = try await opened(subject)
            try await database.apply([BucketStore.set("policy", to: [1], of: 1)])
            try await database.apply([BucketStore.set("policy", to: [2], of: 1), BucketStore.set("cors", to: [3], of: 1)])
            try await database.refuse([BucketStore.set("policy", to: [1], of: 2)], with: .conflict)
            let policy = try await database.read { try BucketStore.setting("policy", of: 1, in: $0) }
            try expect(policy, [2], "policy")
            try await database.apply([BucketStore.remove("policy", of: 1)])
            try await database.apply(BucketStore.delete(bucket))
            let cors = try await database.read { try BucketStore.setting("cors", of: 1, in: $0) }
            try expect(cors, nil, "a setting of the deleted bucket")
            await database.close()
        },
    ]

    private static let bucket = BucketRecord(account: "account", name: "bucket", id: 1, createdAt: Timestamp(milliseconds: 5))

    private static func opened(_ subject: ConformanceSubject) async throws -> any Database {
        let database = try await subject.open()
        try await Migrator.migrate(database)
        try await database.apply([BucketStore.create(bucket)])
        return database
    }

    private static func object(_ key: String, bucket: Int64 = 1, id: String = "first", size: Int64 = 1) -> ObjectRecord {
        object(ObjectKey(key), bucket: bucket, id: id, size: size)
    }

    private static func object(_ key: ObjectKey, bucket: Int64 = 1, id: String, size: Int64 = 1) -> ObjectRecord {
        ObjectRecord(
            bucket: bucket, key: key, id: id, size: size, etag: "etag", modifiedAt: Timestamp(milliseconds: 6), checksum: nil,
            facts: Array("{}".utf8), tags: nil)
    }

    private static func upload(_ id: String) -> UploadRecord {
        UploadRecord(
            bucket: 1, key: ObjectKey("key"), id: id, initiatedAt: Timestamp(milliseconds: 7), checksumAlgorithm: nil, checksumType: nil,
            facts: [], tags: nil)
    }

    private static func part(_ number: Int, of owner: String, file: String = "file") -> PartRecord {
        PartRecord(
            owner: owner, number: number, file: file, size: 1, etag: "etag", checksum: nil, modifiedAt: Timestamp(milliseconds: 8))
    }
}
