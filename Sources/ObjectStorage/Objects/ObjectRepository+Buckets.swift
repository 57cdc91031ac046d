package import Store
import TimeSource

extension ObjectRepository {
    /// Makes a bucket.
    /// - Throws: `bucketAlreadyOwnedByYou` when the account has one of this name.
    package func createBucket(_ name: String, account: String) async throws -> BucketRecord {
        let bucket = BucketRecord(
            account: account, name: name, id: Int64(bitPattern: random.nextWord() >> 1), createdAt: clock.now)
        do throws(StoreError) {
            try await database.apply([BucketStore.create(bucket)])
        } catch {
            throw error.code == .conflict ? ObjectError.bucketAlreadyOwnedByYou(name) : error
        }
        return bucket
    }

    /// Deletes a bucket that has no objects, with its unfinished uploads.
    package func deleteBucket(_ name: String, account: String) async throws {
        let bucket = try await bucket(name, account: account)
        let uploads = try await database.read { transaction in
            try UploadStore.list(
                bucket.id, from: ObjectKey(""), after: nil, before: nil, limit: 1_000_000, in: transaction
            ).map { ($0.id, try UploadStore.parts(of: $0.id, in: transaction).map(\.file)) }
        }
        do throws(StoreError) {
            try await database.apply(BucketStore.delete(bucket))
        } catch {
            guard error.code == .conflict else { throw error }
            let isThere = try await database.read { try BucketStore.find(name, account: account, in: $0)?.id == bucket.id }
            throw isThere ? ObjectError.bucketNotEmpty(name) : ObjectError.noSuchBucket(name)
        }
        // A part that was added since the rows were read is left to the sweep of the next start.
        for (upload, names) in uploads { files.discard(names, of: upload) }
    }

    /// A bucket.
    /// - Throws: `noSuchBucket`.
    package func bucket(_ name: String, account: String) async throws -> BucketRecord {
        try await database.read { transaction in
            guard let bucket = try BucketStore.find(name, account: account, in: transaction) else {
                throw ObjectError.noSuchBucket(name)
            }
            return bucket
        }
    }

    /// The buckets of an account by name, those after `name` that begin with `prefix`, at most `limit`.
    package func buckets(account: String, prefix: String, after name: String, limit: Int) async throws -> [BucketRecord] {
        try await database.read {
            try BucketStore.list(account: account, prefix: prefix, after: name, limit: limit, in: $0)
        }
    }

    /// A document of a bucket; nil when it is not set.
    package func setting(_ kind: String, of bucket: String, account: String) async throws -> [UInt8]? {
        try await database.read { transaction in
            guard let record = try BucketStore.find(bucket, account: account, in: transaction) else {
                throw ObjectError.noSuchBucket(bucket)
            }
            return try BucketStore.setting(kind, of: record.id, in: transaction)
        }
    }

    /// Sets a document of a bucket, or with nil removes it.
    package func set(_ kind: String, to document: [UInt8]?, of bucket: String, account: String) async throws {
        let record = try await self.bucket(bucket, account: account)
        try await conflictsAreNoBucket(record) {
            try await database.apply([
                document.map { BucketStore.set(kind, to: $0, of: record.id) } ?? BucketStore.remove(kind, of: record.id)
            ])
        }
    }
}
