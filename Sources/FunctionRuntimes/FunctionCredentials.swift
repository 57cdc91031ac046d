/// Temporary credentials of one process.
package struct FunctionCredentials: Sendable, Equatable {
    /// The access key id, `ASIA…`.
    package var accessKeyID: String
    /// The secret access key.
    package var secretAccessKey: String
    /// The session token.
    package var sessionToken: String

    /// Credentials that somebody issued.
    package init(accessKeyID: String, secretAccessKey: String, sessionToken: String) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
    }
}

/// Where the pool gets the credentials of a process from, and gives them back.
///
/// They must be valid from `issue` on until `revoke`, which is called exactly once for each issued, after the process and all that
/// it started have ended. A crash of the server loses that call: the issuer ends what it issued before when it starts.
package struct FunctionCredentialsProvider: Sendable {
    /// Issues credentials with the rights of the function's role.
    package var issue: @Sendable (FunctionSpecification) async throws -> FunctionCredentials
    /// Makes credentials invalid at once. At a hurried shutdown its task is cancelled already; it must do its work all the same.
    package var revoke: @Sendable (FunctionCredentials) async -> Void

    /// A provider made of two closures.
    package init(
        issue: @escaping @Sendable (FunctionSpecification) async throws -> FunctionCredentials,
        revoke: @escaping @Sendable (FunctionCredentials) async -> Void
    ) {
        self.issue = issue
        self.revoke = revoke
    }
}
