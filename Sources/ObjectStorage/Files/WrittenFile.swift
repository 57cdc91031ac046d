/// A file that is whole and on the disk, not yet anybody's.
package struct WrittenFile: Sendable, Hashable {
    /// Its id.
    package let id: String
    /// How many bytes.
    package let size: Int64
    /// Their MD5.
    package let md5: [UInt8]
    /// Their checksums, those that were asked for.
    package let checksums: [ObjectChecksum]

    /// A file of these facts.
    package init(id: String, size: Int64, md5: [UInt8], checksums: [ObjectChecksum]) {
        self.id = id
        self.size = size
        self.md5 = md5
        self.checksums = checksums
    }

    /// The checksum of an algorithm, when it was asked for.
    package func checksum(_ algorithm: ChecksumAlgorithm) -> ObjectChecksum? {
        checksums.first { $0.algorithm == algorithm }
    }

    /// The ETag of an object of these bytes alone.
    package var etag: String { HexText.text(md5) }
}
