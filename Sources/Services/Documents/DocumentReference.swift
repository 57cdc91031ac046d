import AWSProtocols

/// A document as callers name it: by its name, or by an ARN, which may be another account's.
struct DocumentReference: Sendable {
    private static let resource = "document/"

    /// What the caller wrote.
    let text: String
    let name: String
    /// The owner that an ARN names; nil for the caller's own account.
    let account: String?

    /// Reads a name or ARN; what is no ARN of a document is a name.
    init(_ text: String) {
        self.text = text
        if let arn = ARN(text), arn.service == "ssm", arn.resource.hasPrefix(DocumentReference.resource) {
            name = String(arn.resource.dropFirst(DocumentReference.resource.count))
            account = arn.account.isEmpty ? nil : arn.account
        } else {
            name = text
            account = nil
        }
    }

    /// The ARN of a document.
    static func arn(of name: String, account: String, region: String) -> String {
        ARN(service: "ssm", region: region, account: account, resource: resource + name).description
    }
}
