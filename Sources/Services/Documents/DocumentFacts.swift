import AWSProtocols
import Store
import TimeSource

/// What listings show of a document's default version, and what filters look at.
struct DocumentFacts: Sendable {
    let name: String
    /// An account; `Amazon` or `Nightshift` for a built-in document.
    let owner: String
    let description: String
    let platformTypes: [String]
    let schemaVersion: String
    let format: String
    let version: DocumentVersionRecord?
    let tags: [(key: String, value: String)]

    /// A built-in document.
    init(builtIn document: CommandDocument) {
        name = document.name
        owner = document.builtInOwner
        description = document.description
        platformTypes = document.platformTypes
        schemaVersion = document.schemaVersion
        format = document.text.format.rawValue
        version = nil
        tags = []
    }

    /// An account's own.
    init(_ version: DocumentVersionRecord, tags: [(key: String, value: String)]) {
        name = version.name
        owner = version.account
        description = version.description
        platformTypes = version.platformTypes
        schemaVersion = version.schemaVersion
        format = version.format
        self.version = version
        self.tags = tags
    }

    /// AWS's `DocumentIdentifier`.
    var identifier: APIValue {
        [
            "Name": .string(name), "CreatedDate": .timestamp(version?.createdAt.milliseconds ?? CommandDocument.builtInCreatedAt),
            "DisplayName": .optional(version?.displayName), "Owner": .string(owner), "VersionName": .optional(version?.versionName),
            "PlatformTypes": .strings(platformTypes), "DocumentVersion": .string(version.map { String($0.number) } ?? "1"),
            "DocumentType": "Command", "SchemaVersion": .string(schemaVersion), "DocumentFormat": .string(format),
            "TargetType": .optional(version?.targetType), "Tags": ResourceTags.value(tags),
        ]
    }
}
