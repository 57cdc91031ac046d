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
