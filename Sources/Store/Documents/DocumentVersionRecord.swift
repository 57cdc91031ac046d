package import TimeSource

/// One version of a document but its content, which is long; written once.
package struct DocumentVersionRecord: Sendable, Hashable {
    /// The tenant.
    package let account: String
    /// The document's name.
    package let name: String
    /// Counts from 1 on; deleted ones leave gaps.
    package let number: Int64
    /// What the owner calls this version; unique in the document.
    package let versionName: String?
    /// How the document is shown.
    package let displayName: String?
    /// What kind of resource it runs on: `/AWS::EC2::Instance`.
    package let targetType: String?
    /// AWS's `DocumentType`.
    package let documentType: String
    /// Of the content: `1.2`, `2.0`, `2.2`.
    package let schemaVersion: String
    /// AWS's `PlatformType`s.
    package let platformTypes: [String]
    /// Of the content; empty when it has none.
    package let description: String
    /// `JSON` or `YAML`: in what the content was sent.
    package let format: String
    /// SHA-256 of the content, hexadecimal.
    package let hash: String
    /// When this version was made.
    package let createdAt: Timestamp

    /// A version of these facts.
    package init(
        account: String, name: String, number: Int64, versionName: String?, displayName: String?, targetType: String?,
        documentType: String, schemaVersion: String, platformTypes: [String], description: String, format: String, hash: String,
        createdAt: Timestamp
    ) {
        self.account = account
        self.name = name
        self.number = number
        self.versionName = versionName
        self.displayName = displayName
        self.targetType = targetType
        self.documentType = documentType
        self.schemaVersion = schemaVersion
        self.platformTypes = platformTypes
        self.description = description
        self.format = format
        self.hash = hash
        self.createdAt = createdAt
    }
}
