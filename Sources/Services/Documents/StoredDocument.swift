import AWSProtocols
import Store

/// A version of an account's own document, as it is in the database.
struct StoredDocument: Sendable {
    let document: DocumentRecord
    let version: DocumentVersionRecord
    let content: [UInt8]

    /// The content with its format.
    var text: DocumentText {
        DocumentText(text: String(decoding: content, as: UTF8.self), format: DocumentText.Format(rawValue: version.format) ?? .json)
    }
}

extension CommandDocument {
    /// Reads a stored document.
    /// - Throws: `InvalidDocumentContent` for one that an older release took and this one does not.
    init(_ stored: StoredDocument) throws(APIError) {
        try self.init(name: stored.version.name, version: String(stored.version.number), text: stored.text)
    }
}
