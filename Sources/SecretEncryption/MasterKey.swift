import Crypto
import TimeSource

/// A master key with the name by which wrapped keys refer to it.
struct MasterKey: Sendable {
    /// In bytes: 256 bits.
    static let length = 32

    /// The key itself.
    let key: SymmetricKey
    /// The first 8 bytes of a keyed digest: tells keys apart and nothing about them.
    let fingerprint: [UInt8]

    /// The key of these 32 bytes.
    init(_ bytes: [UInt8]) {
        key = SymmetricKey(data: bytes)
        fingerprint = Array(HMAC<SHA256>.authenticationCode(for: Array("nightshift master key".utf8), using: key).prefix(8))
    }
}
