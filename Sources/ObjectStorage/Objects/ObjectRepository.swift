package import Logging
import ServiceLifecycle
package import Store
package import TimeSource

/// Buckets and objects: rows in the database, bytes in files.
///
/// A file is on the disk before the row that names it is written, and is removed after that row has changed, so that a row always has
/// its bytes. Changes of one key come one after the other.
package final class ObjectRepository: Service {
    /// The files.
    package let files: ObjectFiles
    /// The rows.
    let database: any Database
    /// Tells when objects are written.
    let clock: any ClockSource
    /// Makes ids of uploads and sequencers.
    let identifiers: IdentifierSource
    /// Makes the numbers of buckets.
    let random: any RandomSource
    /// Writes changes with the news of them.
    let committer: any ObjectCommitter
    /// One change at a time of an object or upload.
    let locks = KeyLocks()
    private let logger: Logger

    /// What a change locks: the object, or the upload of an id.
    enum LockKey: Hashable, Sendable {
        case object(Int64, ObjectKey)
        case upload(String)
    }

    /// A repository over these.
    package init(
        files: ObjectFiles, database: any Database, committer: any ObjectCommitter, clock: any ClockSource,
        identifiers: IdentifierSource, random: any RandomSource, logger: Logger
    ) {
        self.files = files
        self.database = database
        self.committer = committer
        self.clock = clock
        self.identifiers = identifiers
        self.random = random
        self.logger = logger
    }

    /// Removes what earlier processes left behind; then waits for the end.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            do {
                let removed = try await OrphanSweep(files: self.files, database: self.database).run()
                if removed > 0 { self.logger.info("files that no object names are removed", metadata: ["files": "\(removed)"]) }
            } catch is CancellationError {
            } catch {
                self.logger.error("files that no object names could not be removed", metadata: ["error": "\(error)"])
            }
        }
        try? await gracefulShutdown()
    }

    /// Removes what earlier processes left behind, once. For tests; `run` does it at the start.
    package func sweep() async throws -> Int {
        try await OrphanSweep(files: files, database: database).run()
    }

    // MARK: Reading

    /// A bucket and, when there is one, an object of it, as they are at one moment.
    package func find(
        _ key: ObjectKey, in bucket: String, account: String
    ) async throws -> (bucket: BucketRecord, object: ObjectRecord?) {
        try await database.read { transaction in
            guard let bucket = try BucketStore.find(bucket, account: account, in: transaction) else {
                throw ObjectError.noSuchBucket(bucket)
            }
            return (bucket, try ObjectRecordStore.find(key, in: bucket.id, in: transaction))
        }
    }

    /// The parts of an object, in order; none for an object that is one file.
    package func parts(of object: ObjectRecord) async throws -> [PartRecord] {
        guard object.parts > 0 else { return [] }
        return try await database.read { try UploadStore.parts(of: object.id, in: $0) }
    }

    /// The bytes of an object.
    /// - Throws: `ObjectFileError.gone` when the object was replaced or deleted since its row was read.
    package func open(_ object: ObjectRecord, parts: [PartRecord]) async throws -> ObjectReader {
        if object.parts == 0 {
            return try await files.open(object.id, segments: [ObjectReader.Segment(file: object.id, length: object.size)])
        }
        guard parts.reduce(0, { $0 + $1.size }) == object.size else { throw ObjectFileError.gone }
        return try await files.open(object.id, segments: parts.map { ObjectReader.Segment(file: $0.file, length: $0.size) })
    }

    /// An object that is there, with its bytes. It is read again when it changes in between.
    package func opened(
        _ key: ObjectKey, in bucket: String, account: String, if check: (ObjectRecord) throws -> Void = { _ in }
    ) async throws -> (object: ObjectRecord, parts: [PartRecord], reader: ObjectReader) {
        var attempt = 0
        while true {
            guard let object = try await find(key, in: bucket, account: account).object else { throw ObjectError.noSuchKey(key) }
            try check(object)
            do {
                let parts = try await parts(of: object)
                return (object, parts, try await open(object, parts: parts))
            } catch {
                guard let failure = error as? ObjectFileError, failure == .gone, attempt < 10 else { throw error }
                attempt += 1
            }
        }
    }

    // MARK: Writing

    /// What becomes an object.
    package struct Draft: Sendable {
        /// Where.
        package let bucket: BucketRecord
        /// The key.
        package let key: ObjectKey
        /// The bytes.
        package let file: WrittenFile
        /// The checksum that is kept with it.
        package let checksum: ObjectChecksum?
        /// Headers and user metadata.
        package let facts: [UInt8]
        /// The tags; nil for none.
        package let tags: [UInt8]?

        /// An object of these.
        package init(
            bucket: BucketRecord, key: ObjectKey, file: WrittenFile, checksum: ObjectChecksum?, facts: [UInt8], tags: [UInt8]?
        ) {
            self.bucket = bucket
            self.key = key
            self.file = file
            self.checksum = checksum
            self.facts = facts
            self.tags = tags
        }
    }

    /// Makes a written file the object of its key; durable when it returns. `check` sees what is there now and throws when it
    /// shall not be replaced. After an error nothing is left of the file.
    package func put(
        _ draft: Draft, _ kind: ObjectChange.Kind, by requester: ObjectRequester, if check: (ObjectRecord?) throws -> Void
    ) async throws -> ObjectRecord {
        do {
            return try await locks.with([LockKey.object(draft.bucket.id, draft.key)]) {
                let old = try await object(draft.key, in: draft.bucket)
                try check(old)
                let object = ObjectRecord(
                    bucket: draft.bucket.id, key: draft.key, id: draft.file.id, size: draft.file.size, etag: draft.file.etag,
                    modifiedAt: clock.now, checksum: draft.checksum?.stored, facts: draft.facts, tags: draft.tags)
                try await commit(object, over: old, in: draft.bucket, kind, by: requester, with: [])
                return object
            }
        } catch {
            if !isOutcomeUnknown(error) { files.discard([draft.file.id], of: draft.file.id) }
            throw error
        }
    }

    /// Writes an object's row over another one's, or as a new one; then removes what it replaced. Its key is locked.
    func commit(
        _ object: ObjectRecord, over old: ObjectRecord?, in bucket: BucketRecord, _ kind: ObjectChange.Kind,
        by requester: ObjectRequester, with others: [Statement]
    ) async throws {
        let row = old.map { ObjectRecordStore.replace($0, by: object) } ?? ObjectRecordStore.create(object)
        let replaced = try await old.asyncMap { try await fileNames(of: $0) } ?? []
        try await conflictsAreNoBucket(bucket) {
            try await committer.commit(
                [row] + (old.map(ObjectRecordStore.deleteParts) ?? []) + others,
                [change(kind, of: object.key, in: bucket, object: object)], by: requester)
        }
        if let old { files.discard(replaced, of: old.id) }
    }

    /// Deletes objects; keys without one are left as they are. `check` is asked about each that is there; what it throws ends the call
    /// before anything is deleted.
    /// - Returns: the keys that had an object.
    package func delete(
        _ keys: [ObjectKey], in bucket: BucketRecord, by requester: ObjectRequester, if check: (ObjectRecord) throws -> Void = { _ in }
    ) async throws -> Set<ObjectKey> {
        let keys = Array(Set(keys))
        return try await locks.with(keys.map { LockKey.object(bucket.id, $0) }) {
            let objects = try await database.read { transaction in
                try keys.compactMap { try ObjectRecordStore.find($0, in: bucket.id, in: transaction) }
            }
            for object in objects { try check(object) }
            guard !objects.isEmpty else { return [] }
            var names: [[String]] = []
            for object in objects { names.append(try await fileNames(of: object)) }
            try await conflictsAreNoBucket(bucket) {
                try await committer.commit(
                    objects.flatMap(ObjectRecordStore.delete), objects.map { change(.delete, of: $0.key, in: bucket, object: nil) },
                    by: requester)
            }
            for (object, names) in zip(objects, names) { files.discard(names, of: object.id) }
            return Set(objects.map(\.key))
        }
    }

    /// Sets the tags of an object, or deletes them.
    package func setTags(
        _ tags: [UInt8]?, of key: ObjectKey, in bucket: String, account: String, _ kind: ObjectChange.Kind, by requester: ObjectRequester
    ) async throws {
        let bucket = try await self.bucket(bucket, account: account)
        try await locks.with([LockKey.object(bucket.id, key)]) {
            guard let object = try await object(key, in: bucket) else { throw ObjectError.noSuchKey(key) }
            try await conflictsAreNoBucket(bucket) {
                try await committer.commit(
                    [ObjectRecordStore.setTags(tags, of: object)], [change(kind, of: key, in: bucket, object: object)], by: requester)
            }
        }
    }

    // MARK: Parts

    /// An object by its key.
    func object(_ key: ObjectKey, in bucket: BucketRecord) async throws -> ObjectRecord? {
        try await database.read { try ObjectRecordStore.find(key, in: bucket.id, in: $0) }
    }

    /// The files of an object.
    func fileNames(of object: ObjectRecord) async throws -> [String] {
        object.parts == 0 ? [object.id] : try await parts(of: object).map(\.file)
    }

    /// The news of a change that is made now.
    func change(
        _ kind: ObjectChange.Kind, of key: ObjectKey, in bucket: BucketRecord, object: ObjectRecord?
    ) -> ObjectChange {
        // 48 bits of milliseconds and 12 that count within one, without the digit between them that says it is a UUID.
        var digits = identifiers.orderedUUID().filter { $0 != "-" }.prefix(16).uppercased()
        digits.remove(at: digits.index(digits.startIndex, offsetBy: 12))
        return ObjectChange(
            kind: kind, bucket: bucket, key: key, size: object?.size, etag: object?.etag, at: clock.now,
            sequencer: digits + "0")
    }

    /// With the key locked, a guard fails when the bucket was deleted.
    func conflictsAreNoBucket(_ bucket: BucketRecord, _ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch {
            guard let failure = error as? StoreError, failure.code == .conflict else { throw error }
            let current = try await database.read { try BucketStore.find(bucket.name, account: bucket.account, in: $0) }
            throw current?.id == bucket.id ? failure : ObjectError.noSuchBucket(bucket.name)
        }
    }

    /// Whether the row may have been written all the same; then its file stays, and the next start finds out.
    func isOutcomeUnknown(_ error: any Error) -> Bool {
        switch error {
        case let error as StoreError: error.outcome == .unknown
        case is ObjectError, is ObjectFileError: false
        default: false
        }
    }
}

extension Optional {
    /// `map` with an asynchronous body.
    func asyncMap<Result>(_ body: (Wrapped) async throws -> Result) async rethrows -> Result? {
        guard let self else { return nil }
        return try await body(self)
    }
}
