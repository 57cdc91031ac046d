package import JSONCore

/// Why an expression of a payload template has no value. AWS raises `States.Runtime` for each of them.
package enum IntrinsicFailure: Error, Sendable, Hashable {
    /// An argument is not what the function takes, or a result is over its limit. `call` is the text of the whole
    /// expression, `reason` says what is wrong.
    case invalidArgument(call: String, reason: String)
    /// A path found nothing.
    case missing(path: Path, MissingPath)
    /// A path could not be evaluated.
    case path(path: Path, PathFailure)
}

extension PayloadExpression {
    /// The failure in the words of AWS, which in an execution's cause stand behind
    /// `An error occurred while executing the state '…' (entered at the event id #…). `.
    ///
    /// `field` is the template's key (`value.$`), `document` answers what a path's root stands for. A path alone names the
    /// document it was looked for in; an argument of a function names the input whatever its root, and a context path
    /// without its second `$`: so AWS does.
    package func cause(of failure: IntrinsicFailure, field: String, document: (PathRoot) -> JSONValue?) -> String {
        switch (failure, self) {
        case (.invalidArgument(let call, let reason), _):
            return "There was an error while evaluating the intrinsic function: \(call). \(reason)"
        case (.missing(let path, let reason), .path):
            if case .undefinedVariable = reason { return reason.description }
            let text = document(path.root).map(JSONWriter.text) ?? ""
            return "The JSONPath '\(path)' specified for the field '\(field)' could not be found in the input '\(text)'"
        case (.missing(let path, let reason), .call(let call)):
            return "The function '\(call)' had the following error: "
                + PayloadExpression.argumentReason(path, reason, input: document(.input))
        case (.path(let path, let failure), .path):
            return "Invalid path '\(path)' : \(failure.description)"
        case (.path(let path, let failure), .call(let call)):
            return "The function '\(call)' had the following error: Invalid path '\(path)' : \(failure.description)"
        }
    }

    private static func argumentReason(_ path: Path, _ reason: MissingPath, input: JSONValue?) -> String {
        switch reason {
        case .notAnArray, .undefinedVariable:
            return reason.description
        default:
            let name = path.root == .context ? path.description.dropFirst() : path.description[...]
            let text = input.map(JSONWriter.text) ?? ""
            return "The JsonPath argument for the field '\(name)' could not be found in the input '\(text)'"
        }
    }
}
