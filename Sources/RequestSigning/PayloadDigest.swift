import ByteCoding
import Crypto

/// The SHA-256 of a request's body.
package struct PayloadDigest: Hashable, Sendable {
    /// The 32 bytes of the digest.
    package let bytes: [UInt8]

    /// The digest of `body`.
    package init(of body: [UInt8]) {
        bytes = Array(SHA256.hash(data: body))
    }

    /// The digest of bytes that lie in memory the caller owns, such as a network buffer.
    package init(of body: UnsafeRawBufferPointer) {
        var hasher = SHA256()
        hasher.update(bufferPointer: body)
        bytes = Array(hasher.finalize())
    }

    /// A digest that was computed already.
    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The digest of a body of no bytes.
    package static let empty = PayloadDigest(of: [])

    /// The digest as 64 hexadecimal digits in lower case, the form in a canonical request.
    package var hexadecimal: String { Hexadecimal.text(bytes) }
}

extension PayloadDigest {
    /// The MD5 of a body in Base64: the `Content-MD5` that S3 asks for with documents. It guards against accidents alone.
    package static func contentMD5(of body: [UInt8]) -> String {
        Base64.text(Array(Insecure.MD5.hash(data: body)))
    }
}

/// Computes a `PayloadDigest` while the body arrives in pieces.
package struct PayloadHasher: Sendable {
    private var hasher = SHA256()

    /// A hasher that has seen no bytes.
    package init() {}

    /// Adds the body's next bytes.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        hasher.update(bufferPointer: bytes)
    }

    /// Adds the body's next bytes.
    package mutating func update(_ bytes: [UInt8]) {
        hasher.update(data: bytes)
    }

    /// The digest of everything added so far.
    package func finalize() -> PayloadDigest {
        PayloadDigest(bytes: Array(hasher.finalize()))
    }
}
