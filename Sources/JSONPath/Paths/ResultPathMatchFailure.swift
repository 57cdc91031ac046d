/// A value could not be put at a reference path: the error `States.ResultPathMatchFailure`.
package struct ResultPathMatchFailure: Error, Sendable, Hashable {
    /// Which step did not fit and what stood there.
    package let message: String

    /// A failure with this explanation.
    package init(_ message: String) {
        self.message = message
    }
}
