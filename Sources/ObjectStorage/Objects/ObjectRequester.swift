/// Who asked for a change.
package struct ObjectRequester: Sendable, Hashable {
    /// The id of the request.
    package let requestID: String
    /// The ARN of who signed it; empty for the server itself.
    package let principal: String
    /// The region that the server answers for.
    package let region: String

    /// A requester.
    package init(requestID: String, principal: String, region: String) {
        self.requestID = requestID
        self.principal = principal
        self.region = region
    }
}
