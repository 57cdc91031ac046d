import AWSProtocols

/// What a service's Query protocol names otherwise than its model, because the model has moved to JSON and forgotten it.
struct QueryOverlay: Sendable {
    /// How an error of the model is told by the Query protocol, and in the `x-amzn-query-error` of JSON.
    struct ErrorName: Sendable {
        /// The code.
        let code: String
        /// The HTTP status, in both protocols; nil means 400.
        var httpStatus: Int?
        /// The message, where it always is another one than in JSON.
        var message: String?
    }

    /// The namespace of answers.
    let namespace: String
    /// Names of members, by `Shape.Member` or, wherever they occur, by `Member`.
    let members: [String: String]
    /// Names of the elements of lists, by the list's shape.
    let elements: [String: String]
    /// Names of the keys and values of maps, by the map's shape.
    let entries: [String: (key: String, value: String)]
    /// The errors of the model whose code, status or message differs.
    let errors: [String: ErrorName]
    /// Errors that the service answers and the model does not have.
    let commonErrors: [Shape]

    /// The overlay of a service by its name in signatures; nil when its model is enough.
    static func of(_ service: String) -> QueryOverlay? {
        service == "sqs" ? sqs : nil
    }

    /// An error that the services share: its name in JSON and its code in the Query protocol.
    static func common(_ name: String, code: String, isFault: Bool = false) -> Shape {
        Shape(
            name: name, kind: .structure(StructureLayout(members: [])),
            error: ErrorTrait(
                code: code, httpStatus: nil, isFault: isFault, messageName: "message", namespace: "com.amazon.coral.service#"))
    }
}
