import Crypto
import TimeSource

/// The binary format of what is encrypted: version (1 byte), key id (8), nonce (12), ciphertext, tag (16); AES-256-GCM.
///
/// The associated data binds it to its place: the label of its use, the version, the key id and every part of the context, each with its
/// length, so that no two contexts give the same bytes.
struct SealedBox {
    /// The format that is written.
    static let version: UInt8 = 1
    /// How long key ids are, in bytes.
    static let keyIDLength = 8
    private static let nonceLength = 12
    private static let tagLength = 16
    private static let headerLength = 1 + keyIDLength + nonceLength

    /// Which key it is sealed under.
    let keyID: [UInt8]
    private let nonce: ArraySlice<UInt8>
    private let ciphertext: ArraySlice<UInt8>
    private let tag: ArraySlice<UInt8>

    /// Takes the bytes apart; nothing is decrypted yet.
    init(_ bytes: [UInt8]) throws(SecretError) {
        guard bytes.count >= Self.headerLength + Self.tagLength, bytes[0] == Self.version else { throw .malformed }
        keyID = Array(bytes[1...Self.keyIDLength])
        nonce = bytes[(1 + Self.keyIDLength)..<Self.headerLength]
        ciphertext = bytes[Self.headerLength..<bytes.count - Self.tagLength]
        tag = bytes.suffix(Self.tagLength)
    }

    /// Encrypts. A random nonce of 96 bits is safe for 2^32 secrets under one key (NIST SP 800-38D, section 8.3).
    static func seal(
        _ plaintext: [UInt8], key: SymmetricKey, keyID: [UInt8], label: String, context: [String], random: any RandomSource
    ) throws(SecretError) -> [UInt8] {
        do {
            let nonce = random.bytes(nonceLength)
            let box = try AES.GCM.seal(
                plaintext, using: key, nonce: AES.GCM.Nonce(data: nonce),
                authenticating: associatedData(keyID: keyID, label: label, context: context))
            return [version] + keyID + nonce + Array(box.ciphertext) + Array(box.tag)
        } catch {
            // Only a nonce or key of a wrong length could be the reason, and both are made here.
            throw SecretError.malformed
        }
    }

    /// Decrypts; fails when anything was changed or the place is another one.
    func open(key: SymmetricKey, label: String, context: [String]) throws(SecretError) -> [UInt8] {
        do {
            let box = try AES.GCM.SealedBox(nonce: AES.GCM.Nonce(data: nonce), ciphertext: ciphertext, tag: tag)
            let plaintext = try AES.GCM.open(
                box, using: key, authenticating: Self.associatedData(keyID: keyID, label: label, context: context))
            return Array(plaintext)
        } catch {
            throw SecretError.authenticationFailed
        }
    }

    private static func associatedData(keyID: [UInt8], label: String, context: [String]) -> [UInt8] {
        var bytes: [UInt8] = [version] + keyID
        for part in [label] + context {
            withUnsafeBytes(of: UInt32(part.utf8.count).bigEndian) { bytes.append(contentsOf: $0) }
            bytes.append(contentsOf: part.utf8)
        }
        return bytes
    }
}
