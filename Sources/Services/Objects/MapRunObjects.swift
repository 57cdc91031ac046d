package import Engine
import JSONCore
package import ObjectStorage
import Store
import TimeSource

/// The objects of this server as Map states read and write them.
package struct MapRunObjects: ObjectStore {
    private let repository: ObjectRepository
    private let region: String

    /// The objects of a repository.
    package init(repository: ObjectRepository, region: String) {
        self.repository = repository
        self.region = region
    }

    package func read(
        _ object: ObjectName, from offset: Int64, length: Int, tag: String?
    ) async throws(ObjectStoreError) -> ObjectPiece {
        do {
            let (record, _, reader) = try await repository.opened(ObjectKey(object.key), in: object.bucket, account: object.account)
            guard tag == nil || tag == record.quotedETag else { throw ObjectStoreError.changed }
            var bytes: [UInt8] = []
            while bytes.count < length {
                let piece = try await reader.read(at: offset + Int64(bytes.count), count: Int64(length - bytes.count))
                if piece.isEmpty { break }
                bytes += piece
            }
            return ObjectPiece(bytes: bytes, tag: record.quotedETag)
        } catch {
            throw MapRunObjects.failure(error)
        }
    }

    package func list(
        _ bucket: String, account: String, prefix: String, after key: String?, limit: Int
    ) async throws(ObjectStoreError) -> [ListedObject] {
        do {
            let listing = ObjectListing(
                prefix: ObjectKey(prefix), delimiter: nil, position: key.map { .after(ObjectKey($0)) }, limit: limit)
            return try await repository.list(listing, in: bucket, account: account).objects.map { object in
                ListedObject(
                    key: object.key.text, tag: object.quotedETag, size: object.size, modifiedAt: object.modifiedAt.seconds,
                    storageClass: ObjectFacts(stored: object.facts).storageClass)
            }
        } catch {
            throw MapRunObjects.failure(error)
        }
    }

    package func put(_ object: ObjectName, contents: [UInt8], contentType: String) async throws(ObjectStoreError) {
        do {
            let bucket = try await repository.bucket(object.bucket, account: object.account)
            var pieces = [contents]
            let file = try await repository.files.write(checksums: [.crc64nvme]) { pieces.popLast() }
            var facts = ObjectFacts(stored: [])
            facts.values = [("ContentType", contentType)]
            _ = try await repository.put(
                ObjectRepository.Draft(
                    bucket: bucket, key: ObjectKey(object.key), file: file, checksum: file.checksum(.crc64nvme), facts: facts.encoded,
                    tags: nil),
                .put, by: ObjectRequester(requestID: "", principal: "states.amazonaws.com", region: region)
            ) { _ in }
        } catch {
            throw MapRunObjects.failure(error)
        }
    }

    private static func failure(_ error: any Error) -> ObjectStoreError {
        switch error {
        case let error as ObjectStoreError: error
        case ObjectError.noSuchBucket(let name): .noSuchBucket(name)
        case ObjectError.noSuchKey(let key): .noSuchKey(key.text)
        default: .failed("The objects cannot be reached: \(error)")
        }
    }
}
