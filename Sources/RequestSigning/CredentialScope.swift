/// What a signature is good for: one day, region and service. Its text is `20150830/us-east-1/iam/aws4_request`.
package struct CredentialScope: Hashable, Sendable {
    /// The last element of every scope.
    package static let terminator = "aws4_request"

    /// The day in UTC, `20150830`.
    package var date: String
    /// The region's name.
    package var region: String
    /// The name under which the service signs (`states`, `monitoring`).
    package var service: String

    /// A scope from its parts.
    package init(date: String, region: String, service: String) {
        self.date = date
        self.region = region
        self.service = service
    }

    /// The scope as it stands in the string to sign and, after the access key id, in a credential.
    package var text: String { "\(date)/\(region)/\(service)/\(Self.terminator)" }
}
