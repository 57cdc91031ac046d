package import JSONCore

extension TaskFailure {
    /// The failure of a function that reported an error: the error object's `errorType` is the error name, its text the cause.
    ///
    /// An object without a type (a timeout, a crash) is `Lambda.Unknown`, with AWS's explanation. `text` is the payload as
    /// the function returned it: so it stands for a function's ARN as `Resource`; for `lambda:invoke` AWS writes it compactly.
    package static func function(payload: JSONValue, text: String) -> TaskFailure {
        if let name = payload["errorType"]?.text, !name.isEmpty { return TaskFailure(error: name, cause: text) }
        return TaskFailure(
            error: "Lambda.Unknown",
            cause: "The cause could not be determined because Lambda did not return an error type. Returned payload: \(text)")
    }
}
