/// Why an intrinsic function call has no result.
package enum IntrinsicFailure: Error, Sendable, Hashable {
    /// An argument is not what the function takes, or a result is over its limit: the error `States.IntrinsicFailure`.
    /// `call` is the text of the call, `reason` says what is wrong.
    case invalidArgument(call: String, reason: String)
    /// A path among the arguments found nothing: AWS raises `States.Runtime`.
    case missing(path: Path, MissingPath)
    /// A path among the arguments could not be evaluated.
    case path(path: Path, PathFailure)
}
