package import JSONCore

/// Enrols a host. The request is signed with the key that it brings, instance `-`, which proves that the sender holds it.
///
/// Idempotent by `publicKey`: the agent stores its key before it asks, and asks again when no answer came. A server that knows the
/// key already, from the same activation, answers with the same instance id and counts no further registration.
package struct RegistrationRequest: WireMessage {
    package var activationID: String
    package var activationCode: String
    /// Ed25519 public key, 32 bytes, base64.
    package var publicKey: String
    package var protocolVersions: [Int]
    package var facts: NodeFacts
    package var tags: [NamedValue]

    package init(
        activationID: String, activationCode: String, publicKey: String,
        protocolVersions: [Int] = ProtocolVersion.supported, facts: NodeFacts, tags: [NamedValue] = []
    ) {
        self.activationID = activationID
        self.activationCode = activationCode
        self.publicKey = publicKey
        self.protocolVersions = protocolVersions
        self.facts = facts
        self.tags = tags
    }

    package init(json: JSONValue) throws(WireError) {
        let reader = try WireReader(json)
        activationID = try reader.text("activationId")
        activationCode = try reader.text("activationCode")
        publicKey = try reader.text("publicKey")
        protocolVersions = try reader.versions()
        facts = try reader.message("facts")
        tags = try reader.pairs("tags")
    }

    package var json: JSONValue {
        [
            "activationId": .text(activationID), "activationCode": .text(activationCode), "publicKey": .text(publicKey),
            "protocolVersions": .array(protocolVersions.map { .integer($0) }), "facts": facts.json,
            "tags": NamedValue.json(tags),
        ]
    }
}

extension WireReader {
    /// The protocol versions that the other side speaks.
    func versions() throws(WireError) -> [Int] {
        try list("protocolVersions") { (value: JSONValue) throws(WireError) -> Int in
            guard let version = value.integer.flatMap({ Int(exactly: $0) }) else {
                throw WireError(member: "", expected: "whole numbers")
            }
            return version
        }
    }
}
