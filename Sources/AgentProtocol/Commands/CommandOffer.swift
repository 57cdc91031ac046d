package import JSONCore

/// A command that waits for this node. It says what will run, not with which values: no secrets before `go`.
///
/// The server offers again, after a new session too, until the attempt is claimed or void; the agent takes each attempt once.
package struct CommandOffer: WireMessage {
    package var attempt: AttemptID
    package var documentName: String
    /// Identifies what `go` will carry; opaque to the agent, which refuses a `go` with another one.
    package var digest: String

    package init(attempt: AttemptID, documentName: String, digest: String) {
        self.attempt = attempt
        self.documentName = documentName
        self.digest = digest
    }

    package init(json: JSONValue) throws(WireError) {
        let reader = try WireReader(json)
        attempt = try reader.attempt()
        documentName = try reader.text("documentName")
        digest = try reader.text("digest")
    }

    package var json: JSONValue {
        ["attempt": attempt.json, "documentName": .text(documentName), "digest": .text(digest)]
    }
}
