import DatabaseSQLite
import Foundation
import Logging
import ObjectStorage
import Store
import TimeSource

/// A repository in a directory of its own, which can be closed and opened again as after a crash.
final class Shelf {
    static let account = "000000000000"
    static let requester = ObjectRequester(requestID: "request", principal: "", region: "us-east-1")

    let directory: String
    let clock = ManualClock()
    private(set) var database: SQLiteDatabase
    private(set) var repository: ObjectRepository

    init() async throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("objects-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        (database, repository) = try await Shelf.open(directory, clock)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// Opens the directory once more, as the next process does.
    func reopen() async throws {
        await database.close()
        repository.files.close()
        (database, repository) = try await Shelf.open(directory, clock)
    }

    private static func open(_ directory: String, _ clock: ManualClock) async throws -> (SQLiteDatabase, ObjectRepository) {
        let random = SystemRandomSource()
        let database = try await SQLiteDatabase.open(path: directory + "/nightshift.db")
        try await Migrator.migrate(database)
        let files = try await ObjectFiles.open(directory: directory + "/objects", digestThreads: 2, random: random)
        let repository = ObjectRepository(
            files: files, database: database, committer: SilentCommitter(database: database), clock: clock,
            identifiers: IdentifierSource(clock: clock, random: random), random: random, logger: Logger(label: "test"))
        return (database, repository)
    }

    /// A bucket, made when it is not there.
    func bucket(_ name: String = "bucket") async throws -> BucketRecord {
        do {
            return try await repository.createBucket(name, account: Shelf.account)
        } catch ObjectError.bucketAlreadyOwnedByYou {
            return try await repository.bucket(name, account: Shelf.account)
        }
    }

    /// Writes bytes into a file that is nobody's.
    func write(_ bytes: [UInt8], piece: Int = 100_000, checksums: [ChecksumAlgorithm] = [.crc64nvme]) async throws -> WrittenFile {
        var rest = bytes[...]
        return try await repository.files.write(checksums: checksums) {
            if rest.isEmpty { return nil }
            defer { rest = rest.dropFirst(piece) }
            return Array(rest.prefix(piece))
        }
    }

    @discardableResult
    func put(_ key: String, _ bytes: [UInt8] = [], in bucket: BucketRecord? = nil) async throws -> ObjectRecord {
        let bucket = if let bucket { bucket } else { try await self.bucket() }
        let file = try await write(bytes)
        return try await repository.put(
            ObjectRepository.Draft(
                bucket: bucket, key: ObjectKey(key), file: file, checksum: file.checksum(.crc64nvme), facts: [], tags: nil),
            .put, by: Shelf.requester
        ) { _ in }
    }

    /// The bytes of an object, nil when there is none.
    func bytes(_ key: String, _ range: Range<Int64>? = nil) async throws -> [UInt8]? {
        do {
            let (object, _, reader) = try await repository.opened(ObjectKey(key), in: "bucket", account: Shelf.account)
            var bytes: [UInt8] = []
            try await reader.send(range ?? 0..<object.size) { bytes += $0 }
            return bytes
        } catch ObjectError.noSuchKey {
            return nil
        }
    }

    /// How many files of objects there are, once what is being removed is gone.
    func fileCount(until wanted: Int) async throws -> Int {
        var count = 0
        for _ in 0..<2000 {
            count = files.count
            if count == wanted { break }
            await Task.yield()
            usleep(1000)
        }
        return count
    }

    /// The paths of all files of objects.
    var files: [String] {
        let root = directory + "/objects"
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: root)) ?? []
        return names.filter { name in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: root + "/" + name, isDirectory: &isFolder) && !isFolder.boolValue
        }
    }
}

/// Bytes that differ from place to place.
func pattern(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var state = seed
    return (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 56)
    }
}
