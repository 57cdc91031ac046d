package import TimeSource

/// One version of a parameter, with all that a version has; written once.
package struct ParameterVersion: Sendable, Hashable {
    /// The tenant.
    package let account: String
    /// The parameter's name, as it was created: `/prod/db/password` or `password`.
    package let name: String
    /// Counts from 1 on, without gaps.
    package let number: Int64
    /// `String`, `StringList` or `SecureString`.
    package let type: String
    /// `Standard` or `Advanced`.
    package let tier: String
    /// `text`, or what else the value is checked to be.
    package let dataType: String
    /// The value; that of a SecureString is sealed.
    package var value: [UInt8]
    /// The name of the key that a SecureString was asked to be encrypted with.
    package let keyID: String?
    /// What the parameter is for.
    package let description: String?
    /// The pattern that values have to match.
    package let allowedPattern: String?
    /// When this version was made.
    package let modifiedAt: Timestamp
    /// The ARN of who made it.
    package let modifiedBy: String

    /// A version of these facts.
    package init(
        account: String, name: String, number: Int64, type: String, tier: String, dataType: String, value: [UInt8],
        keyID: String?, description: String?, allowedPattern: String?, modifiedAt: Timestamp, modifiedBy: String
    ) {
        self.account = account
        self.name = name
        self.number = number
        self.type = type
        self.tier = tier
        self.dataType = dataType
        self.value = value
        self.keyID = keyID
        self.description = description
        self.allowedPattern = allowedPattern
        self.modifiedAt = modifiedAt
        self.modifiedBy = modifiedBy
    }
}

/// A label and the version that it is attached to; a label is on one version of a parameter at most.
package struct ParameterLabel: Sendable, Hashable {
    /// The label's text.
    package let label: String
    /// The version's number.
    package let version: Int64
}
