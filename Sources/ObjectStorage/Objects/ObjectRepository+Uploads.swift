package import Store
import TimeSource

extension ObjectRepository {
    /// A part as a client lists it to complete an upload.
    package struct ListedPart: Sendable, Hashable {
        /// From 1 to 10,000.
        package let number: Int
        /// The ETag without quotes.
        package let etag: String
        /// The checksum that the client claims, with its algorithm.
        package let checksum: (algorithm: ChecksumAlgorithm, value: [UInt8])?

        /// A part.
        package init(number: Int, etag: String, checksum: (algorithm: ChecksumAlgorithm, value: [UInt8])? = nil) {
            self.number = number
            self.etag = etag
            self.checksum = checksum
        }

        /// Whether both are the same.
        package static func == (left: ListedPart, right: ListedPart) -> Bool {
            left.number == right.number && left.etag == right.etag && left.checksum?.algorithm == right.checksum?.algorithm
                && left.checksum?.value == right.checksum?.value
        }

        /// Hashes the number and the ETag.
        package func hash(into hasher: inout Hasher) {
            hasher.combine(number)
            hasher.combine(etag)
        }
    }

    /// How many bytes a part that is not the last must have: 5 MiB (S3 User Guide, "Amazon S3 multipart upload limits").
    package static let smallestPart: Int64 = 5 << 20

    /// Begins an upload.
    package func createUpload(
        _ key: ObjectKey, in bucket: BucketRecord, checksum: (algorithm: ChecksumAlgorithm, type: ChecksumType)?, facts: [UInt8],
        tags: [UInt8]?
    ) async throws -> UploadRecord {
        let upload = UploadRecord(
            bucket: bucket.id, key: key, id: identifiers.orderedUUID().filter { $0 != "-" } + HexText.text(random.bytes(16)),
            initiatedAt: clock.now, checksumAlgorithm: checksum?.algorithm.rawValue, checksumType: checksum?.type.rawValue,
            facts: facts, tags: tags)
        try await conflictsAreNoBucket(bucket) { try await database.apply([UploadStore.create(upload)]) }
        return upload
    }

    /// An upload with its bucket.
    /// - Throws: `noSuchUpload`, `noSuchBucket`.
    package func upload(
        _ id: String, key: ObjectKey, in bucket: String, account: String
    ) async throws -> (bucket: BucketRecord, upload: UploadRecord) {
        try await database.read { transaction in
            guard let bucket = try BucketStore.find(bucket, account: account, in: transaction) else {
                throw ObjectError.noSuchBucket(bucket)
            }
            guard let upload = try UploadStore.find(id, key: key, in: bucket.id, in: transaction) else {
                throw ObjectError.noSuchUpload(id)
            }
            return (bucket, upload)
        }
    }

    /// Makes a written file a part of an upload; durable when it returns. After an error nothing is left of the file.
    package func setPart(
        _ number: Int, of upload: UploadRecord, to file: WrittenFile, checksum: ObjectChecksum?
    ) async throws -> PartRecord {
        let part = PartRecord(
            owner: upload.id, number: number, file: file.id, size: file.size, etag: file.etag, checksum: checksum?.stored,
            modifiedAt: clock.now)
        do {
            try await locks.with([LockKey.upload(upload.id)]) {
                let old = try await database.read { try UploadStore.part(number, of: upload.id, in: $0) }
                do throws(StoreError) {
                    try await database.apply([UploadStore.setPart(part, of: upload)])
                } catch {
                    throw error.code == .conflict ? ObjectError.noSuchUpload(upload.id) : error
                }
                if let old { files.discard([old.file], of: old.file) }
            }
        } catch {
            if !isOutcomeUnknown(error) { files.discard([file.id], of: file.id) }
            throw error
        }
        return part
    }

    /// The parts of an upload by number, those after `number`, at most `limit`.
    package func parts(of upload: UploadRecord, after number: Int, limit: Int) async throws -> [PartRecord] {
        try await database.read { try UploadStore.parts(of: upload.id, after: number, limit: limit, in: $0) }
    }

    /// Throws an upload away, with its parts.
    package func abort(_ upload: UploadRecord) async throws {
        try await locks.with([LockKey.upload(upload.id)]) {
            let parts = try await database.read { try UploadStore.parts(of: upload.id, in: $0) }
            do throws(StoreError) {
                try await database.apply([UploadStore.end(upload), UploadStore.deleteParts(of: upload.id)])
            } catch {
                throw error.code == .conflict ? ObjectError.noSuchUpload(upload.id) : error
            }
            files.discard(parts.map(\.file), of: upload.id)
        }
    }

    /// Makes an object of the listed parts, without copying a byte: the parts' files become the object's. Parts that are not listed are
    /// thrown away.
    /// - Parameter claimed: the checksum that the object must have; nil when the client names none.
    package func complete(
        _ upload: UploadRecord, in bucket: BucketRecord, _ listed: [ListedPart], claimed: ObjectChecksum?, size: Int64?,
        by requester: ObjectRequester, if check: (ObjectRecord?) throws -> Void
    ) async throws -> ObjectRecord {
        try await locks.with([LockKey.upload(upload.id), .object(bucket.id, upload.key)]) {
            guard
                try await database.read({ try UploadStore.find(upload.id, key: upload.key, in: bucket.id, in: $0) }) != nil
            else { throw ObjectError.noSuchUpload(upload.id) }
            let stored = try await database.read { try UploadStore.parts(of: upload.id, in: $0) }
            let parts = try ObjectRepository.chosen(listed, of: stored, upload)
            let checksum = try ObjectRepository.checksum(of: parts, upload)
            if let claimed, let checksum, claimed.value != checksum.value || claimed.type != checksum.type {
                throw ObjectError.badDigest(claimed.algorithm.rawValue)
            }
            let total = parts.reduce(0) { $0 + $1.size }
            if let size, size != total { throw ObjectError.invalidSize(claimed: size, actual: total) }
            let old = try await object(upload.key, in: bucket)
            try check(old)
            let object = ObjectRecord(
                bucket: bucket.id, key: upload.key, id: upload.id, parts: parts.count, size: total,
                etag: ObjectRepository.etag(of: parts), modifiedAt: clock.now, checksum: checksum?.stored, facts: upload.facts,
                tags: upload.tags)
            let kept = Set(parts.map(\.number))
            let unlisted = stored.filter { !kept.contains($0.number) }
            try await commit(
                object, over: old, in: bucket, .completedUpload, by: requester,
                with: [UploadStore.end(upload)] + unlisted.map(UploadStore.deletePart))
            for part in unlisted { files.discard([part.file], of: part.file) }
            return object
        }
    }

    /// A page of the uploads of a bucket, by key and then by age.
    package struct UploadPage: Sendable {
        /// The uploads, in order.
        package var uploads: [UploadRecord] = []
        /// The common prefixes, in order.
        package var prefixes: [ObjectKey] = []
        /// Whether there are more.
        package var isTruncated = false
        /// The key, or common prefix, that the page ends with.
        package var lastKey: ObjectKey?
        /// The upload that the page ends with; nil when it ends with a common prefix.
        package var lastID: String?
    }

    /// A page of the uploads of a bucket.
    /// - Parameters:
    ///   - listing: prefix, delimiter and limit.
    ///   - key: the page begins behind the uploads of this key, or of the common prefix that it is below of.
    ///   - id: with it, behind this upload of `key`.
    package func uploads(
        _ listing: ObjectListing, after key: ObjectKey?, id: String?, in bucket: BucketRecord
    ) async throws -> UploadPage {
        try await database.read { transaction in
            var page = UploadPage()
            guard listing.limit > 0 else { return page }
            var start = listing.prefix
            var after: (key: ObjectKey, id: String)?
            if let key, let id {
                start = max(start, key)
                after = (key, id)
            } else if let key {
                guard let behind = listing.commonPrefix(of: key).map({ $0.endOfPrefix }) ?? key.next else { return page }
                start = max(start, behind)
            }
            while true {
                let rows = try UploadStore.list(
                    bucket.id, from: start, after: after, before: listing.prefix.endOfPrefix, limit: listing.limit + 1,
                    in: transaction)
                for row in rows where row.key >= start {
                    if page.uploads.count + page.prefixes.count == listing.limit {
                        page.isTruncated = true
                        return page
                    }
                    if let common = listing.commonPrefix(of: row.key) {
                        page.prefixes.append(common)
                        (page.lastKey, page.lastID, after) = (common, nil, nil)
                        guard let behind = common.endOfPrefix else { return page }
                        start = behind
                    } else {
                        page.uploads.append(row)
                        (page.lastKey, page.lastID, after) = (row.key, row.id, (row.key, row.id))
                        start = row.key
                    }
                }
                if rows.count <= listing.limit { return page }
            }
        }
    }

    // MARK: Parts

    /// The stored parts that a client lists.
    private static func chosen(
        _ listed: [ListedPart], of stored: [PartRecord], _ upload: UploadRecord
    ) throws(ObjectError) -> [PartRecord] {
        let byNumber = Dictionary(stored.map { ($0.number, $0) }) { first, _ in first }
        var parts: [PartRecord] = []
        for entry in listed {
            if let last = parts.last, last.number >= entry.number { throw .invalidPartOrder(upload: upload.id) }
            guard let part = byNumber[entry.number], part.etag == entry.etag else {
                throw .invalidPart(number: entry.number, etag: entry.etag, upload: upload.id)
            }
            if let claimed = entry.checksum {
                let actual = part.checksum.flatMap { ObjectChecksum(stored: $0) }
                guard actual?.algorithm != claimed.algorithm || actual?.value == claimed.value else {
                    throw .invalidPart(number: entry.number, etag: entry.etag, upload: upload.id)
                }
            }
            parts.append(part)
        }
        for part in parts.dropLast() where part.size < smallestPart {
            throw .entityTooSmall(number: part.number, size: part.size, etag: part.etag)
        }
        return parts
    }

    /// The checksum of an object of parts; CRC-64/NVME of all bytes when the client named none.
    private static func checksum(of parts: [PartRecord], _ upload: UploadRecord) throws(ObjectError) -> ObjectChecksum? {
        let algorithm = upload.checksumAlgorithm.flatMap(ChecksumAlgorithm.init) ?? .crc64nvme
        let type = upload.checksumType.flatMap(ChecksumType.init) ?? .fullObject
        var values: [(value: [UInt8], size: Int64)] = []
        for part in parts {
            guard let checksum = part.checksum.flatMap({ ObjectChecksum(stored: $0) }), checksum.algorithm == algorithm else {
                throw .badDigest("part \(part.number) has no checksum of \(algorithm.rawValue)")
            }
            values.append((checksum.value, part.size))
        }
        return ObjectChecksum.combined(algorithm, type, parts: values)
    }

    /// The MD5 of the parts' MD5s, and how many they are.
    private static func etag(of parts: [PartRecord]) -> String {
        var digest = RunningDigest.newMD5
        for part in parts { digest.update(HexText.bytes(part.etag) ?? []) }
        return "\(HexText.text(digest.value))-\(parts.count)"
    }
}
