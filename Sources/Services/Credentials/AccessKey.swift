package import TimeSource

/// An access key in the clear, as signatures are checked with it. Lives in memory only.
package struct AccessKey: Sendable, Hashable {
    /// The public part: `AKIA…`, or `ASIA…` for a temporary one.
    package let id: String
    /// The secret part.
    package let secret: String
    /// The token that must come with a temporary key, nil for a lasting one.
    package let sessionToken: String?
    /// When a temporary key ends.
    package let expiresAt: Timestamp?
    /// The account that it acts for.
    package let account: String
    /// The identity's ARN.
    package let principalARN: String

    /// A key of these parts.
    package init(
        id: String, secret: String, sessionToken: String? = nil, expiresAt: Timestamp? = nil, account: String,
        principalARN: String
    ) {
        self.id = id
        self.secret = secret
        self.sessionToken = sessionToken
        self.expiresAt = expiresAt
        self.account = account
        self.principalARN = principalARN
    }
}
