package import TimeSource

/// An upload in parts that is not complete.
package struct UploadRecord: Sendable, Hashable {
    /// The number of the bucket.
    package let bucket: Int64
    /// The key that the object will have.
    package let key: ObjectKey
    /// The upload id. They sort by the time of their making, and become the object's id.
    package let id: String
    /// When it was initiated.
    package let initiatedAt: Timestamp
    /// The algorithm that the parts' checksums are of, as AWS spells it; nil when the client named none.
    package let checksumAlgorithm: String?
    /// `COMPOSITE` or `FULL_OBJECT`; nil when the client named no algorithm.
    package let checksumType: String?
    /// Headers and user metadata of the object.
    package let facts: [UInt8]
    /// The tags of the object; nil for none.
    package let tags: [UInt8]?

    /// An upload.
    package init(
        bucket: Int64, key: ObjectKey, id: String, initiatedAt: Timestamp, checksumAlgorithm: String?, checksumType: String?,
        facts: [UInt8], tags: [UInt8]?
    ) {
        self.bucket = bucket
        self.key = key
        self.id = id
        self.initiatedAt = initiatedAt
        self.checksumAlgorithm = checksumAlgorithm
        self.checksumType = checksumType
        self.facts = facts
        self.tags = tags
    }
}

/// A part of an upload, or of the object that it became.
package struct PartRecord: Sendable, Hashable {
    /// The id of the upload and the object.
    package let owner: String
    /// From 1 to 10,000.
    package let number: Int
    /// The name of the file.
    package let file: String
    /// How many bytes.
    package let size: Int64
    /// The MD5 in hexadecimal digits.
    package let etag: String
    /// The checksum as text, by whoever writes it; nil for none.
    package let checksum: String?
    /// When it was uploaded.
    package let modifiedAt: Timestamp

    /// A part.
    package init(
        owner: String, number: Int, file: String, size: Int64, etag: String, checksum: String?, modifiedAt: Timestamp
    ) {
        self.owner = owner
        self.number = number
        self.file = file
        self.size = size
        self.etag = etag
        self.checksum = checksum
        self.modifiedAt = modifiedAt
    }
}
