import AgentProtocol
import ByteCoding
import Crypto
import JSONCore

/// Who this agent is: its own signing key and, once enrolled, its instance id. Kept in `identity`, mode 0600.
///
/// A key is stored before the server hears of it: the first one before it is registered, so that a lost answer is asked for again with
/// the same key and the activation is not used twice; each later one (`nextKey`) before it is announced, so that a crash at any point of
/// a rotation leaves a key that the server takes.
package struct AgentIdentity: Sendable, Equatable {
    static let fileName = "identity"

    /// `mi-…`, nil until the server has answered.
    package var instanceID: String?
    /// The key that signs.
    private var key: [UInt8]
    /// The key that follows, while it is being announced.
    private var nextKey: [UInt8]?
    /// The key before. A server that was restored from an older backup may know no other.
    private var formerKey: [UInt8]?
    /// When the key was made, milliseconds since 1970 by this host's clock; 0 when that is unknown.
    private(set) var keyMadeAtMilliseconds: Int64

    /// The instance id in a data directory; nil when nothing readable is stored there or this host is not enrolled yet.
    package static func storedInstanceID(in directory: String) -> String? {
        guard let bytes = (try? PosixFile.read("\(directory)/\(fileName)")) ?? nil, let json = try? JSONParser.parse(bytes) else {
            return nil
        }
        return json["instanceId"]?.text
    }

    /// A new identity with a fresh key.
    init(madeAtMilliseconds: Int64 = 0) {
        key = Self.freshKey()
        keyMadeAtMilliseconds = madeAtMilliseconds
    }

    /// Reads a stored identity.
    init(json: JSONValue) throws(AgentError) {
        guard let key = try Self.key("privateKey", in: json) else { throw AgentError.damagedIdentity }
        self.key = key
        nextKey = try Self.key("nextPrivateKey", in: json)
        formerKey = try Self.key("formerPrivateKey", in: json)
        keyMadeAtMilliseconds = json["keyMadeAt"]?.integer ?? 0
        instanceID = json["instanceId"]?.text
    }

    var json: JSONValue {
        var object = JSONObject()
        object["version"] = 1
        object["instanceId"] = instanceID.map { .text($0) } ?? .null
        object["privateKey"] = Self.text(key)
        if let nextKey { object["nextPrivateKey"] = Self.text(nextKey) }
        if let formerKey { object["formerPrivateKey"] = Self.text(formerKey) }
        object["keyMadeAt"] = .integer(keyMadeAtMilliseconds)
        return .object(object)
    }

    /// The public key as registration sends it.
    func publicKeyText() throws(AgentError) -> String {
        Base64.text(Array(try signingKey().publicKey.rawRepresentation))
    }

    /// The key that signs requests.
    func signingKey() throws(AgentError) -> Curve25519.Signing.PrivateKey {
        try Self.signingKey(key)
    }

    // MARK: Rotation

    /// Whether a new key is stored that the server may not have yet.
    var isRotating: Bool { nextKey != nil }

    /// With a key to announce: the one that is stored already, or a fresh one. To be stored before it is announced.
    func preparingRotation() -> AgentIdentity {
        var identity = self
        identity.nextKey = nextKey ?? Self.freshKey()
        return identity
    }

    /// What announces the next key; nil when there is none.
    func keyRequest() throws(AgentError) -> KeyRequest? {
        guard let nextKey, let instanceID else { return nil }
        let next = try Self.signingKey(nextKey)
        let text = Base64.text(Array(next.publicKey.rawRepresentation))
        guard let proof = try? next.signature(for: KeyRequest.proofText(instance: instanceID, publicKey: text)) else {
            throw .damagedIdentity
        }
        return KeyRequest(publicKey: text, proof: Base64.text(Array(proof)))
    }

    /// With the announced key in use.
    func rotated(atMilliseconds now: Int64) -> AgentIdentity {
        guard let nextKey else { return self }
        var identity = self
        identity.formerKey = key
        identity.key = nextKey
        identity.nextKey = nil
        identity.keyMadeAtMilliseconds = now
        return identity
    }

    /// With the key before the last rotation, which then has to be announced again: for a server that went back to before it. nil when
    /// there is none.
    func beforeLastRotation() -> AgentIdentity? {
        guard let formerKey, nextKey == nil else { return nil }
        var identity = self
        identity.nextKey = key
        identity.key = formerKey
        identity.formerKey = nil
        return identity
    }

    // MARK: Keys

    private static func freshKey() -> [UInt8] { Array(Curve25519.Signing.PrivateKey().rawRepresentation) }

    private static func key(_ name: String, in json: JSONValue) throws(AgentError) -> [UInt8]? {
        guard let value = json[name], !value.isNull else { return nil }
        guard let text = value.string, let bytes = Base64.decodeCanonical(text.bytes), bytes.count == 32 else {
            throw AgentError.damagedIdentity
        }
        return bytes
    }

    private static func text(_ key: [UInt8]) -> JSONValue { .text(Base64.text(key)) }

    private static func signingKey(_ bytes: [UInt8]) throws(AgentError) -> Curve25519.Signing.PrivateKey {
        do {
            return try Curve25519.Signing.PrivateKey(rawRepresentation: bytes)
        } catch {
            throw AgentError.damagedIdentity
        }
    }
}
