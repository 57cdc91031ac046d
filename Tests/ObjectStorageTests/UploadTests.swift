import ObjectStorage
import Store
import Testing

struct UploadTests {
    private let mebibyte = 1 << 20

    private func begin(_ shelf: Shelf, _ algorithm: ChecksumAlgorithm? = nil, _ type: ChecksumType = .fullObject) async throws
        -> UploadRecord
    {
        try await shelf.repository.createUpload(
            ObjectKey("key"), in: shelf.bucket(), checksum: algorithm.map { ($0, type) }, facts: [], tags: nil)
    }

    @discardableResult
    private func add(_ number: Int, _ bytes: [UInt8], to upload: UploadRecord, _ shelf: Shelf) async throws -> PartRecord {
        let algorithm = upload.checksumAlgorithm.flatMap(ChecksumAlgorithm.init) ?? .crc64nvme
        let file = try await shelf.write(bytes, checksums: [algorithm])
        return try await shelf.repository.setPart(number, of: upload, to: file, checksum: file.checksum(algorithm))
    }

    private func complete(_ upload: UploadRecord, _ parts: [PartRecord], _ shelf: Shelf) async throws -> ObjectRecord {
        try await shelf.repository.complete(
            upload, in: shelf.bucket(), parts.map { ObjectRepository.ListedPart(number: $0.number, etag: $0.etag) }, claimed: nil,
            size: nil, by: Shelf.requester
        ) { _ in }
    }

    @Test func partsBecomeOneObject() async throws {
        let shelf = try await Shelf()
        let upload = try await begin(shelf)
        let first = pattern(5 * mebibyte, seed: 1)
        let second = pattern(6 * mebibyte, seed: 2)
        let last = pattern(10, seed: 3)
        let parts = [
            try await add(1, first, to: upload, shelf), try await add(3, second, to: upload, shelf),
            try await add(10_000, last, to: upload, shelf),
        ]
        try await add(7, [1], to: upload, shelf)
        #expect(try await shelf.bytes("key") == nil)
        let object = try await complete(upload, parts, shelf)
        let whole = first + second + last
        #expect(object.etag.hasSuffix("-3"))
        #expect(object.size == Int64(whole.count))
        #expect(try await shelf.bytes("key") == whole)
        let middle = Int64(first.count - 5)..<Int64(first.count + 5)
        #expect(try await shelf.bytes("key", middle) == Array(whole[Int(middle.lowerBound)..<Int(middle.upperBound)]))
        #expect(try await shelf.fileCount(until: 3) == 3)
        // Its checksum is that of all bytes.
        let other = try await shelf.write(whole)
        #expect(object.checksum == other.checksum(.crc64nvme)?.stored)
        shelf.repository.files.discard([other.id], of: other.id)
        // Replaced, its files go.
        try await shelf.put("key", [1])
        #expect(try await shelf.fileCount(until: 1) == 1)
    }

    @Test func aPartIsReplaced() async throws {
        let shelf = try await Shelf()
        let upload = try await begin(shelf)
        try await add(1, [1], to: upload, shelf)
        let part = try await add(1, [2], to: upload, shelf)
        #expect(try await shelf.fileCount(until: 1) == 1)
        _ = try await complete(upload, [part], shelf)
        #expect(try await shelf.bytes("key") == [2])
    }

    @Test func aListThatDoesNotFitIsRefusedAndTheUploadGoesOn() async throws {
        let shelf = try await Shelf()
        let upload = try await begin(shelf)
        let small = try await add(1, [1], to: upload, shelf)
        let last = try await add(2, [2], to: upload, shelf)
        await #expect(throws: ObjectError.entityTooSmall(number: 1, size: 1, etag: small.etag)) {
            _ = try await complete(upload, [small, last], shelf)
        }
        await #expect(throws: ObjectError.invalidPartOrder(upload: upload.id)) { _ = try await complete(upload, [last, small], shelf) }
        let foreign = PartRecord(
            owner: upload.id, number: 2, file: "", size: 1, etag: small.etag, checksum: nil, modifiedAt: last.modifiedAt)
        await #expect(throws: ObjectError.invalidPart(number: 2, etag: small.etag, upload: upload.id)) {
            _ = try await complete(upload, [foreign], shelf)
        }
        _ = try await complete(upload, [last], shelf)
        #expect(try await shelf.bytes("key") == [2])
        #expect(try await shelf.fileCount(until: 1) == 1)
    }

    @Test func anUploadEndsOnce() async throws {
        let shelf = try await Shelf()
        let upload = try await begin(shelf)
        let part = try await add(1, [1], to: upload, shelf)
        try await shelf.repository.abort(upload)
        #expect(try await shelf.fileCount(until: 0) == 0)
        await #expect(throws: ObjectError.noSuchUpload(upload.id)) { _ = try await complete(upload, [part], shelf) }
        await #expect(throws: ObjectError.noSuchUpload(upload.id)) { try await add(1, [1], to: upload, shelf) }
        await #expect(throws: ObjectError.noSuchUpload(upload.id)) { try await shelf.repository.abort(upload) }
        #expect(try await shelf.fileCount(until: 0) == 0)
    }

    @Test func compositeChecksumsAreOfTheParts() async throws {
        let shelf = try await Shelf()
        let upload = try await begin(shelf, .sha256, .composite)
        let part = try await add(1, [1], to: upload, shelf)
        let object = try await complete(upload, [part], shelf)
        let checksum = try #require(object.checksum.flatMap { ObjectChecksum(stored: $0) })
        #expect(checksum.type == .composite && checksum.parts == 1 && checksum.algorithm == .sha256)
    }

    @Test func aDeletedBucketTakesItsUploadsAlong() async throws {
        let shelf = try await Shelf()
        let upload = try await begin(shelf)
        try await add(1, [1], to: upload, shelf)
        try await shelf.repository.deleteBucket("bucket", account: Shelf.account)
        #expect(try await shelf.fileCount(until: 0) == 0)
    }
}
