package import JSONCore

/// The identity of an enrolled host.
package struct RegistrationReply: WireMessage {
    /// `mi-` and 17 hexadecimal digits.
    package var instanceID: String
    /// The version that the server chose.
    package var protocolVersion: Int

    package init(instanceID: String, protocolVersion: Int) {
        self.instanceID = instanceID
        self.protocolVersion = protocolVersion
    }

    package init(json: JSONValue) throws(WireError) {
        let reader = try WireReader(json)
        instanceID = try reader.text("instanceId")
        protocolVersion = try reader.int("protocolVersion")
    }

    package var json: JSONValue {
        ["instanceId": .text(instanceID), "protocolVersion": .integer(protocolVersion)]
    }
}
