import AWSProtocols
import ByteCoding

/// A web address, apart from the user and password that may stand in it (`https://user:password@host/path`): they travel in the
/// `Authorization` header (Amazon SNS Developer Guide, "Subscribe the endpoint to the Amazon SNS topic").
struct WebhookAddress: Sendable, Equatable {
    /// The address without user and password.
    let url: String
    /// The value of `Authorization`, nil without a user.
    let authorization: String?

    init(_ text: String) {
        guard let scheme = text.firstRange(of: "://") else {
            self.init(url: text, authorization: nil)
            return
        }
        let rest = text[scheme.upperBound...]
        guard let at = rest.prefix(while: { !"/?#".contains($0) }).lastIndex(of: "@") else {
            self.init(url: text, authorization: nil)
            return
        }
        let user = PercentEncoding.decode(rest[..<at]) ?? String(rest[..<at])
        self.init(
            url: String(text[..<scheme.upperBound]) + String(rest[rest.index(after: at)...]),
            authorization: "Basic " + Base64.text(Array(user.utf8)))
    }

    private init(url: String, authorization: String?) {
        self.url = url
        self.authorization = authorization
    }
}
