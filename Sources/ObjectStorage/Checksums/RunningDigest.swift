import CObjectFiles
import Crypto

/// A digest of bytes that come in pieces.
enum RunningDigest {
    case md5(Insecure.MD5)
    case sha1(Insecure.SHA1)
    case sha256(SHA256)
    /// The kind in C's numbering, and the check of the bytes so far.
    case cyclic(Int32, UInt64)

    /// The beginning of an MD5.
    static var newMD5: RunningDigest { .md5(Insecure.MD5()) }

    /// The beginning of a checksum.
    init(_ algorithm: ChecksumAlgorithm) {
        switch algorithm {
        case .crc32, .crc32c, .crc64nvme: self = .cyclic(RunningDigest.cyclicKind(algorithm), 0)
        case .sha1: self = .sha1(Insecure.SHA1())
        case .sha256: self = .sha256(SHA256())
        }
    }

    /// The kind of a cyclic check in C's numbering.
    static func cyclicKind(_ algorithm: ChecksumAlgorithm) -> Int32 {
        switch algorithm {
        case .crc32: Int32(COBJECTFILES_CRC32)
        case .crc32c: Int32(COBJECTFILES_CRC32C)
        default: Int32(COBJECTFILES_CRC64NVME)
        }
    }

    /// Takes up the next bytes.
    mutating func update(_ piece: [UInt8]) {
        piece.withUnsafeBytes { bytes in
            switch self {
            case .md5(var digest):
                digest.update(bufferPointer: bytes)
                self = .md5(digest)
            case .sha1(var digest):
                digest.update(bufferPointer: bytes)
                self = .sha1(digest)
            case .sha256(var digest):
                digest.update(bufferPointer: bytes)
                self = .sha256(digest)
            case .cyclic(let kind, let check):
                self = .cyclic(kind, cobjectfiles_crc(kind, check, bytes.baseAddress, bytes.count))
            }
        }
    }

    /// The digest of all bytes so far; checks in network order.
    var value: [UInt8] {
        switch self {
        case .md5(let digest): Array(digest.finalize())
        case .sha1(let digest): Array(digest.finalize())
        case .sha256(let digest): Array(digest.finalize())
        case .cyclic(let kind, let check):
            RunningDigest.bytes(of: check, count: kind == Int32(COBJECTFILES_CRC64NVME) ? 8 : 4)
        }
    }

    /// A check in network order.
    static func bytes(of check: UInt64, count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: check >> UInt64(8 * (count - 1 - $0))) }
    }
}
