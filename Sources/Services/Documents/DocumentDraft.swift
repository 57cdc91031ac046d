import AWSProtocols
import Store
import TimeSource

/// A version of a document as a request asks for it, checked as far as that is possible without looking at what is stored.
struct DocumentDraft: Sendable {
    let name: String
    let text: DocumentText
    let versionName: String?
    let displayName: String?
    let targetType: String?
    let tags: [(key: String, value: String)]
    /// The document that the content makes.
    let document: CommandDocument

    /// With what names do not begin (API Reference, `CreateDocument`: `Name`).
    private static let reservedPrefixes = ["aws", "amazon", "amzn"]

    /// Reads CreateDocument or UpdateDocument.
    /// - Throws: the errors of a name, of an unsupported kind of document, and of its content.
    init(_ input: APIStructure) throws(APIError) {
        name = try input.requiredString("Name")
        text = DocumentText(text: try input.requiredString("Content"), format: try DocumentText.Format(input.string("DocumentFormat")))
        versionName = input.string("VersionName")
        displayName = input.string("DisplayName")
        targetType = input.string("TargetType")
        tags = try ResourceTags.parse(input.structures("Tags"))
        let type = input.string("DocumentType") ?? "Command"
        guard type == "Command" else {
            throw DocumentError.invalidContent(
                "Documents of type \(type) are not supported by Nightshift, which runs those of type Command.")
        }
        guard input.structures("Attachments").isEmpty else { throw .validation("Attachments are not supported by Nightshift.") }
        guard input.structures("Requires").isEmpty else { throw .validation("Required documents are not supported by Nightshift.") }
        guard tags.count <= ResourceTags.limit else { throw .validation("A document has \(ResourceTags.limit) tags at most.") }
        guard text.text.utf8.count <= DocumentText.sizeLimit else { throw DocumentError.tooLarge() }
        document = try CommandDocument(name: name, text: text)
    }

    /// Checks a name that is to be a new document's.
    /// - Throws: `ValidationException`, `DocumentAlreadyExists`.
    func checkName() throws(APIError) {
        guard !CommandDocument.builtIn.contains(where: { $0.name == name }) else { throw DocumentError.alreadyExists(name) }
        let lowercased = name.lowercased()
        for prefix in DocumentDraft.reservedPrefixes where lowercased.hasPrefix(prefix) {
            throw .validation("The document name \(name) is not valid: names that begin with \(prefix) are reserved.")
        }
    }

    /// The version of this number.
    func version(_ number: Int64, targetType previous: String? = nil, account: String, at time: Timestamp) -> DocumentVersionRecord {
        DocumentVersionRecord(
            account: account, name: name, number: number, versionName: versionName, displayName: displayName,
            targetType: targetType ?? previous, documentType: "Command", schemaVersion: document.schemaVersion,
            platformTypes: document.platformTypes, description: document.description, format: text.format.rawValue, hash: text.hash,
            createdAt: time)
    }

    /// The document with its number.
    func document(_ number: Int64) -> CommandDocument {
        var numbered = document
        numbered.version = String(number)
        return numbered
    }
}
