import Foundation
import ObjectStorage
import Store
import Testing

struct ObjectTests {
    @Test(arguments: [0, 1, 1000, 600_000, 5_000_000])
    func whatIsWrittenIsRead(count: Int) async throws {
        let shelf = try await Shelf()
        let bytes = pattern(count)
        let object = try await shelf.put("key", bytes)
        #expect(object.size == Int64(count))
        #expect(try await shelf.bytes("key") == bytes)
        if count > 10 { #expect(try await shelf.bytes("key", 3..<9) == Array(bytes[3..<9])) }
    }

    @Test func digestsAreThoseOfTheBytesHoweverTheyArrive() async throws {
        let shelf = try await Shelf()
        let bytes = pattern(2_000_000)
        let small = try await shelf.write(bytes, piece: 999, checksums: ChecksumAlgorithm.allCases)
        let large = try await shelf.write(bytes, piece: 524_288, checksums: ChecksumAlgorithm.allCases)
        #expect(small.md5 == large.md5)
        #expect(small.checksums == large.checksums)
        #expect(small.checksums.count == 5)
        let empty = try await shelf.write([])
        #expect(empty.etag == "d41d8cd98f00b204e9800998ecf8427e")
    }

    @Test func anObjectIsReplacedAndItsOldFileRemoved() async throws {
        let shelf = try await Shelf()
        try await shelf.put("key", [1])
        try await shelf.put("key", [2, 2])
        #expect(try await shelf.bytes("key") == [2, 2])
        #expect(try await shelf.fileCount(until: 1) == 1)
    }

    @Test func aReaderKeepsTheBytesThatItBeganWith() async throws {
        let shelf = try await Shelf()
        let bytes = pattern(3_000_000)
        try await shelf.put("key", bytes)
        do {
            let (object, _, reader) = try await shelf.repository.opened(ObjectKey("key"), in: "bucket", account: Shelf.account)
            try await shelf.put("key", [1])
            var read: [UInt8] = []
            try await reader.send(0..<object.size) { read += $0 }
            #expect(read == bytes)
            #expect(shelf.files.count == 2)
        }
        #expect(try await shelf.fileCount(until: 1) == 1)
    }

    @Test func aBodyThatFailsLeavesNothing() async throws {
        struct Broken: Error {}
        let shelf = try await Shelf()
        for pieces in [0, 1, 30] {
            var left = pieces
            await #expect(throws: Broken.self) {
                try await shelf.repository.files.write(checksums: []) {
                    guard left > 0 else { throw Broken() }
                    left -= 1
                    return pattern(400_000)
                }
            }
        }
        #expect(try await shelf.fileCount(until: 0) == 0)
    }

    @Test func aRefusedReplacementKeepsTheOldObjectAndNothingElse() async throws {
        struct Refused: Error {}
        let shelf = try await Shelf()
        let bucket = try await shelf.bucket()
        try await shelf.put("key", [1])
        let file = try await shelf.write([2])
        await #expect(throws: ObjectError.self) {
            try await shelf.repository.put(
                ObjectRepository.Draft(bucket: bucket, key: ObjectKey("key"), file: file, checksum: nil, facts: [], tags: nil), .put,
                by: Shelf.requester
            ) { old in
                if old != nil { throw ObjectError.noSuchKey(ObjectKey("key")) }
            }
        }
        #expect(try await shelf.bytes("key") == [1])
        #expect(try await shelf.fileCount(until: 1) == 1)
    }

    @Test func manyWritersOfOneKeyLeaveOneObjectAndOneFile() async throws {
        let shelf = try await Shelf()
        let bucket = try await shelf.bucket()
        let repository = shelf.repository
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in UInt8(0)..<40 {
                group.addTask {
                    var pieces = [[UInt8](repeating: number, count: 1000)]
                    let file = try await repository.files.write(checksums: []) { pieces.popLast() }
                    _ = try await repository.put(
                        ObjectRepository.Draft(bucket: bucket, key: ObjectKey("key"), file: file, checksum: nil, facts: [], tags: nil),
                        .put, by: Shelf.requester
                    ) { _ in }
                }
            }
            try await group.waitForAll()
        }
        let bytes = try #require(try await shelf.bytes("key"))
        #expect(bytes.count == 1000 && Set(bytes).count == 1)
        #expect(try await shelf.fileCount(until: 1) == 1)
    }

    @Test func deletingTakesWhatIsThereAndItsFiles() async throws {
        let shelf = try await Shelf()
        let bucket = try await shelf.bucket()
        try await shelf.put("a", [1])
        try await shelf.put("b", [2])
        let deleted = try await shelf.repository.delete(
            [ObjectKey("a"), ObjectKey("missing"), ObjectKey("a")], in: bucket, by: Shelf.requester)
        #expect(deleted == [ObjectKey("a")])
        #expect(try await shelf.bytes("a") == nil)
        #expect(try await shelf.fileCount(until: 1) == 1)
    }

    @Test func nothingIsRemovedWhileABackupCopies() async throws {
        let shelf = try await Shelf()
        try await shelf.put("key", [1])
        try await shelf.repository.files.withoutRemoval {
            try await shelf.put("key", [2])
            #expect(shelf.files.count == 2)
        }
        #expect(try await shelf.fileCount(until: 1) == 1)
    }

    @Test func whatACrashLeftIsSweptAndWhatRowsNameIsKept() async throws {
        let shelf = try await Shelf()
        try await shelf.put("key", [1])
        // Written, its row not: and one that was half written.
        _ = try await shelf.write([2])
        _ = FileManager.default.createFile(atPath: shelf.directory + "/objects/incoming/half", contents: Data([3]))
        try await shelf.reopen()
        let fresh = try await shelf.write([4])
        #expect(try await shelf.repository.sweep() == 1)
        #expect(try await shelf.bytes("key") == [1])
        // A file of this process may be about to get its row.
        #expect(shelf.files.count == 2)
        #expect(shelf.files.contains { $0.hasSuffix(fresh.id) })
    }

    @Test func keysAreBytesAndNeverPaths() async throws {
        let shelf = try await Shelf()
        let keys = ["../../escape", "/", "a//b", "..", "e\u{301}", "\u{e9}", " ", "%2e", String(repeating: "x", count: 1024), "日本語\u{0}"]
        for (index, key) in keys.enumerated() { try await shelf.put(key, [UInt8(index)]) }
        for (index, key) in keys.enumerated() { #expect(try await shelf.bytes(key) == [UInt8(index)]) }
        #expect(shelf.files.allSatisfy { $0.hasPrefix("files/") })
    }
}

struct BucketTests {
    @Test func aBucketWithObjectsStays() async throws {
        let shelf = try await Shelf()
        try await shelf.put("key")
        await #expect(throws: ObjectError.bucketNotEmpty("bucket")) {
            try await shelf.repository.deleteBucket("bucket", account: Shelf.account)
        }
        _ = try await shelf.repository.delete([ObjectKey("key")], in: shelf.bucket(), by: Shelf.requester)
        try await shelf.repository.deleteBucket("bucket", account: Shelf.account)
        await #expect(throws: ObjectError.noSuchBucket("bucket")) {
            try await shelf.repository.bucket("bucket", account: Shelf.account)
        }
    }

    @Test func whatComesLateForADeletedBucketDoesNotReachItsSuccessor() async throws {
        let shelf = try await Shelf()
        let old = try await shelf.bucket()
        try await shelf.repository.deleteBucket("bucket", account: Shelf.account)
        _ = try await shelf.bucket()
        await #expect(throws: ObjectError.noSuchBucket("bucket")) { try await shelf.put("key", in: old) }
        #expect(try await shelf.bytes("key") == nil)
        #expect(try await shelf.fileCount(until: 0) == 0)
    }

    @Test func accountsHaveBucketsOfTheirOwn() async throws {
        let shelf = try await Shelf()
        _ = try await shelf.bucket()
        _ = try await shelf.repository.createBucket("bucket", account: "111111111111")
        await #expect(throws: ObjectError.bucketAlreadyOwnedByYou("bucket")) {
            try await shelf.repository.createBucket("bucket", account: Shelf.account)
        }
    }
}
