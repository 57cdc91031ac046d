package import TimeSource

/// Whom an access key stands for.
package struct Principal: Hashable, Sendable {
    /// The twelve digits of the account.
    package var accountID: String
    /// The user's or role's ARN.
    package var arn: String

    /// A principal of an account.
    package init(accountID: String, arn: String) {
        self.accountID = accountID
        self.arn = arn
    }
}

/// An access key with its secret and owner.
package struct AccessCredential: Hashable, Sendable {
    /// The public part, `AKIA…` or, with a session token, `ASIA…`.
    package var accessKeyID: String
    /// The secret part.
    package var secretAccessKey: String
    /// The token that must come with a temporary key; nil for a lasting key.
    package var sessionToken: String?
    /// When a temporary key ends; nil for never.
    package var expiresAt: Timestamp?
    /// Whom a request with this key acts for.
    package var principal: Principal

    /// An access key; lasting unless a session token is given.
    package init(
        accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil, expiresAt: Timestamp? = nil,
        principal: Principal
    ) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
        self.expiresAt = expiresAt
        self.principal = principal
    }
}

/// Finds access keys by their id.
package protocol CredentialResolver: Sendable {
    /// The active access key with that id, or nil when there is none.
    ///
    /// It is called for every request, with whatever id the caller sent, so it should answer from memory.
    func credential(accessKeyID: String) throws -> AccessCredential?
}
