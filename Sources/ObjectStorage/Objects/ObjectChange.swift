package import Store
package import TimeSource

/// Something that happened to an object, for those who want to know of it.
package struct ObjectChange: Sendable, Hashable {
    /// What happened. Raw values as S3's event types spell them behind `s3:`.
    package enum Kind: String, Sendable, Hashable {
        case put = "ObjectCreated:Put"
        case copy = "ObjectCreated:Copy"
        case completedUpload = "ObjectCreated:CompleteMultipartUpload"
        case delete = "ObjectRemoved:Delete"
        case setTags = "ObjectTagging:Put"
        case deleteTags = "ObjectTagging:Delete"
    }

    /// What happened.
    package let kind: Kind
    /// Where.
    package let bucket: BucketRecord
    /// To which object.
    package let key: ObjectKey
    /// The object's size; nil for one that was deleted.
    package let size: Int64?
    /// The object's ETag without quotes; nil for one that was deleted.
    package let etag: String?
    /// When.
    package let at: Timestamp
    /// Hexadecimal digits that sort the changes of one key.
    package let sequencer: String

    /// A change.
    package init(
        kind: Kind, bucket: BucketRecord, key: ObjectKey, size: Int64?, etag: String?, at: Timestamp, sequencer: String
    ) {
        self.kind = kind
        self.bucket = bucket
        self.key = key
        self.size = size
        self.etag = etag
        self.at = at
        self.sequencer = sequencer
    }
}

/// Who asked for a change.
package struct ObjectRequester: Sendable, Hashable {
    /// The id of the request.
    package let requestID: String
    /// The ARN of who signed it; empty for the server itself.
    package let principal: String
    /// The region that the server answers for.
    package let region: String

    /// A requester.
    package init(requestID: String, principal: String, region: String) {
        self.requestID = requestID
        self.principal = principal
        self.region = region
    }
}

/// Makes changes of objects durable, with the news of them in the same transaction.
package protocol ObjectCommitter: Sendable {
    /// Applies the statements whole or not at all; a guard that fails throws the store's `.conflict`.
    func commit(_ statements: [Statement], _ changes: [ObjectChange], by requester: ObjectRequester) async throws
}

/// Tells nobody.
package struct SilentCommitter: ObjectCommitter {
    private let database: any Database

    /// A committer to a database.
    package init(database: any Database) {
        self.database = database
    }

    /// Applies the statements alone.
    package func commit(_ statements: [Statement], _ changes: [ObjectChange], by requester: ObjectRequester) async throws {
        try await database.apply(statements)
    }
}
