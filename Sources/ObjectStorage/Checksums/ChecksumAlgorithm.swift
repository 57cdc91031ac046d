/// A checksum that S3 keeps with an object (S3 User Guide, "Checking object integrity"). Raw values as AWS spells them.
package enum ChecksumAlgorithm: String, Sendable, Hashable, CaseIterable {
    case crc32 = "CRC32"
    case crc32c = "CRC32C"
    case crc64nvme = "CRC64NVME"
    case sha1 = "SHA1"
    case sha256 = "SHA256"

    /// How many bytes a value has.
    package var byteCount: Int {
        switch self {
        case .crc32, .crc32c: 4
        case .crc64nvme: 8
        case .sha1: 20
        case .sha256: 32
        }
    }

    /// Whether the checksum of a whole follows from those of its parts.
    package var isLinear: Bool {
        switch self {
        case .crc32, .crc32c, .crc64nvme: true
        case .sha1, .sha256: false
        }
    }
}

/// What the checksum of an object of several parts is of. Raw values as AWS spells them.
package enum ChecksumType: String, Sendable, Hashable {
    /// Of the checksums of the parts.
    case composite = "COMPOSITE"
    /// Of all bytes.
    case fullObject = "FULL_OBJECT"
}
