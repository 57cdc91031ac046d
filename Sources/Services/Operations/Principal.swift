/// Who makes a request, as the signature or the session proved.
package struct Principal: Sendable, Hashable {
    /// The access key that signed the request; empty for requests made inside the server.
    package let accessKeyID: String
    /// The identity's ARN, as `GetCallerIdentity` shows it.
    package let arn: String
    /// The user's or role session's name, for logs and the audit.
    package let name: String

    /// A principal of these names.
    package init(accessKeyID: String, arn: String, name: String) {
        self.accessKeyID = accessKeyID
        self.arn = arn
        self.name = name
    }

    /// Nobody: the caller of an operation that needs no signature.
    package static let anonymous = Principal(accessKeyID: "", arn: "", name: "anonymous")
}
