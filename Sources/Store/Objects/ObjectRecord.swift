package import TimeSource

/// What is known of an object beside its bytes.
package struct ObjectRecord: Sendable, Hashable {
    /// The number of the bucket.
    package let bucket: Int64
    /// The key.
    package let key: ObjectKey
    /// The id of the bytes, another one with each write: the name of the file, or the owner of its parts.
    package let id: String
    /// How many parts the bytes lie in; 0 when they are one file.
    package let parts: Int
    /// How many bytes.
    package let size: Int64
    /// The ETag without its quotes.
    package let etag: String
    /// When it was written.
    package let modifiedAt: Timestamp
    /// The checksum as text, by whoever writes it; nil for none.
    package let checksum: String?
    /// Headers and user metadata, by whoever writes them.
    package let facts: [UInt8]
    /// The tags, by whoever writes them; nil for none.
    package var tags: [UInt8]?

    /// An object.
    package init(
        bucket: Int64, key: ObjectKey, id: String, parts: Int = 0, size: Int64, etag: String, modifiedAt: Timestamp,
        checksum: String?, facts: [UInt8], tags: [UInt8]?
    ) {
        self.bucket = bucket
        self.key = key
        self.id = id
        self.parts = parts
        self.size = size
        self.etag = etag
        self.modifiedAt = modifiedAt
        self.checksum = checksum
        self.facts = facts
        self.tags = tags
    }
}
