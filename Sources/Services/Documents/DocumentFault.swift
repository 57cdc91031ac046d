import AWSProtocols

/// What is wrong with a document, and where: at the path of a member, such as `mainSteps[0].inputs.runCommand`.
struct DocumentFault: Error, Hashable {
    /// Empty for the document as a whole.
    let path: String
    /// The rest of a sentence that begins with the path.
    let problem: String

    /// The fault as a sentence.
    var message: String { path.isEmpty ? "The document \(problem)." : "\(path) \(problem)." }

    /// The error of an operation that takes a document's content.
    var contentError: APIError { DocumentError.invalidContent(message) }

    /// The error of a command whose parameters lead to it.
    var parameterError: APIError { APIError("InvalidParameters", message) }
}
