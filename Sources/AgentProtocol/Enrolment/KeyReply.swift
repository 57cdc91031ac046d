package import JSONCore

/// The server has the new key durably and takes requests signed by it.
package struct KeyReply: WireMessage {
    /// The new key, as it was sent.
    package var publicKey: String

    package init(publicKey: String) {
        self.publicKey = publicKey
    }

    package init(json: JSONValue) throws(WireError) {
        publicKey = try WireReader(json).text("publicKey")
    }

    package var json: JSONValue { ["publicKey": .text(publicKey)] }
}
