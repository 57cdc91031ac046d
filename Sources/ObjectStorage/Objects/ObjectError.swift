package import Store

/// Why the store of objects did not do as asked, as S3 names it.
package enum ObjectError: Error, Sendable, Hashable {
    case noSuchBucket(String)
    case bucketAlreadyOwnedByYou(String)
    case bucketNotEmpty(String)
    case noSuchKey(ObjectKey)
    case noSuchUpload(String)
    /// A part of the list is not there, or has another ETag or checksum.
    case invalidPart(number: Int, etag: String, upload: String)
    /// The list is not in ascending order.
    case invalidPartOrder(upload: String)
    /// A part that is not the last has fewer bytes than it must have.
    case entityTooSmall(number: Int, size: Int64, etag: String)
    /// The parts' checksums do not give the one that the client claims; of this algorithm.
    case badDigest(String)
    /// The parts have not as many bytes as the client says.
    case invalidSize(claimed: Int64, actual: Int64)
}
