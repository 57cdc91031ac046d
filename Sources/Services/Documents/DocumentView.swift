import AWSProtocols
import Store
import TimeSource

/// A version of a document as the operations show it.
struct DocumentView {
    private let document: CommandDocument
    /// Nil for a built-in document.
    private let stored: (document: DocumentRecord, version: DocumentVersionRecord)?
    private let tags: [(key: String, value: String)]
    private let name: String

    /// A built-in document.
    init(builtIn document: CommandDocument) {
        self.document = document
        stored = nil
        tags = []
        name = document.name
    }

    /// An account's own; one of another account is shown with its ARN.
    init(
        _ document: CommandDocument, _ record: DocumentRecord, _ version: DocumentVersionRecord, tags: [(key: String, value: String)],
        _ context: RequestContext
    ) {
        self.document = document
        stored = (record, version)
        self.tags = tags
        name =
            record.account == context.account
            ? record.name : DocumentReference.arn(of: record.name, account: record.account, region: context.region)
    }

    /// AWS's `DocumentDescription`.
    var description: APIValue {
        [
            "Hash": .string(stored?.version.hash ?? document.hash), "HashType": "Sha256", "Name": .string(name),
            "DisplayName": .optional(stored?.version.displayName), "VersionName": .optional(stored?.version.versionName),
            "Owner": .string(stored?.document.account ?? document.builtInOwner), "CreatedDate": .timestamp(createdAt), "Status": "Active",
            "DocumentVersion": .string(document.version), "Description": .string(document.description),
            "Parameters": .list(document.parameters.map(DocumentView.parameter)),
            "PlatformTypes": .strings(document.platformTypes), "DocumentType": "Command",
            "SchemaVersion": .string(document.schemaVersion),
            "LatestVersion": .string(stored.map { String($0.document.latestVersion) } ?? document.version),
            "DefaultVersion": .string(stored.map { String($0.document.defaultVersion) } ?? document.version),
            "DocumentFormat": .string(document.text.format.rawValue), "TargetType": .optional(stored?.version.targetType),
            "Tags": ResourceTags.value(tags),
        ]
    }

    /// The members of GetDocument's answer.
    func content(in format: DocumentText.Format) throws(APIError) -> APIStructure {
        [
            "Name": .string(name), "CreatedDate": .timestamp(createdAt), "DisplayName": .optional(stored?.version.displayName),
            "VersionName": .optional(stored?.version.versionName), "DocumentVersion": .string(document.version), "Status": "Active",
            "Content": .string(try document.text.converted(to: format)), "DocumentType": "Command",
            "DocumentFormat": .string(format.rawValue),
        ]
    }

    private var createdAt: Int64 { stored?.version.createdAt.milliseconds ?? CommandDocument.builtInCreatedAt }

    private static func parameter(_ parameter: CommandDocumentParameter) -> APIValue {
        [
            "Name": .string(parameter.name), "Type": .string(parameter.kind.rawValue),
            "Description": .optional(parameter.description), "DefaultValue": .optional(parameter.defaultText),
        ]
    }
}
