/// A go that cannot be made.
package struct GoRefused: Error, Equatable {
    /// Why, a sentence for the operator: what the invocation shows as its error output. It holds no secret.
    package let reason: String

    /// A refusal for this reason.
    package init(reason: String) {
        self.reason = reason
    }
}
