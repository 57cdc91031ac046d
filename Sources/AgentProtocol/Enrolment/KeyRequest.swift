package import JSONCore

/// Replaces the agent's key: signed by the one in use, and carrying a proof that the sender holds the new one.
///
/// From the answer on the server takes both; the first request by the new key ends the old one. So at no moment a crash on either side
/// leaves them without a common key, and asking again with the same key changes nothing.
package struct KeyRequest: WireMessage {
    /// The new Ed25519 public key, 32 bytes, base64.
    package var publicKey: String
    /// Signature of `proofText` by the new key, 64 bytes, base64.
    package var proof: String

    package init(publicKey: String, proof: String) {
        self.publicKey = publicKey
        self.proof = proof
    }

    package init(json: JSONValue) throws(WireError) {
        let reader = try WireReader(json)
        publicKey = try reader.text("publicKey")
        proof = try reader.text("proof")
    }

    package var json: JSONValue { ["publicKey": .text(publicKey), "proof": .text(proof)] }

    /// What the new key signs. It names the instance, so that a proof is of no use for another.
    package static func proofText(instance: String, publicKey: String) -> [UInt8] {
        Array("nightshift-agent-key-v1\n\(instance)\n\(publicKey)".utf8)
    }
}
