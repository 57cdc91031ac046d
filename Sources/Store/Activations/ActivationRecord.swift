package import TimeSource

/// An activation as stored: what lets a number of hosts enrol until some day.
package struct ActivationRecord: Sendable, Hashable {
    /// The id, a UUID.
    package let id: String
    /// The account that hosts enrol into.
    package let account: String
    /// SHA-256 of the code; the code itself is shown once and kept nowhere.
    package let codeHash: [UInt8]
    /// What the operator wrote about it.
    package let description: String?
    /// The `Name` of the nodes that enrol by it.
    package let defaultName: String?
    /// The role of the nodes, as given.
    package let role: String
    /// How many hosts may enrol.
    package let registrationLimit: Int
    /// How many have.
    package let registrations: Int
    /// From then on nobody may.
    package let expiresAt: Timestamp
    /// When it was made.
    package let createdAt: Timestamp

    /// An activation of these facts.
    package init(
        id: String, account: String, codeHash: [UInt8], description: String?, defaultName: String?, role: String,
        registrationLimit: Int, registrations: Int = 0, expiresAt: Timestamp, createdAt: Timestamp
    ) {
        self.id = id
        self.account = account
        self.codeHash = codeHash
        self.description = description
        self.defaultName = defaultName
        self.role = role
        self.registrationLimit = registrationLimit
        self.registrations = registrations
        self.expiresAt = expiresAt
        self.createdAt = createdAt
    }
}
