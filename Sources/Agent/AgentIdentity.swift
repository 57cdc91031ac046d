import AgentProtocol
import ByteCoding
import Crypto
import JSONCore

/// Who this agent is: its own signing key and, once enrolled, its instance id. Kept in `identity`, mode 0600.
///
/// The key is stored before it is registered, so that a lost answer is asked for again with the same key and the activation is
/// not used twice.
package struct AgentIdentity: Sendable {
    static let fileName = "identity"

    /// `mi-…`, nil until the server has answered.
    package var instanceID: String?
    private let keyBytes: [UInt8]

    /// The instance id in a data directory; nil when nothing readable is stored there or this host is not enrolled yet.
    package static func storedInstanceID(in directory: String) -> String? {
        guard let bytes = (try? PosixFile.read("\(directory)/\(fileName)")) ?? nil, let json = try? JSONParser.parse(bytes) else {
            return nil
        }
        return json["instanceId"]?.text
    }

    /// A new identity with a fresh key.
    init() {
        keyBytes = Array(Curve25519.Signing.PrivateKey().rawRepresentation)
    }

    /// Reads a stored identity.
    init(json: JSONValue) throws(AgentError) {
        guard let text = json["privateKey"]?.string, let bytes = Base64.decodeCanonical(text.bytes), bytes.count == 32 else {
            throw AgentError.damagedIdentity
        }
        keyBytes = bytes
        instanceID = json["instanceId"]?.text
    }

    var json: JSONValue {
        ["version": 1, "instanceId": instanceID.map { .text($0) } ?? .null, "privateKey": .text(Base64.text(keyBytes))]
    }

    /// The public key as registration sends it.
    func publicKeyText() throws(AgentError) -> String {
        Base64.text(Array(try signingKey().publicKey.rawRepresentation))
    }

    /// The key that signs requests.
    func signingKey() throws(AgentError) -> Curve25519.Signing.PrivateKey {
        do {
            return try Curve25519.Signing.PrivateKey(rawRepresentation: keyBytes)
        } catch {
            throw AgentError.damagedIdentity
        }
    }
}
