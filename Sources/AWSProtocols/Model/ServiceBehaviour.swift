/// Where a service departs from what its model and protocol say. The table of all services is `APIModels`' to keep.
package struct ServiceBehaviour: Sendable {
    /// The code of an error about the model's constraints.
    package let validationCode: String
    /// The code of an error about a body that cannot be read.
    package let serializationCode: String
    /// What stands before the name of one of the service's own errors in `__type`.
    package let errorNamespace: String
    /// Codes that this service spells otherwise than `APIError`'s constructors do.
    package let codes: [String: String]
    /// How large a request's body may be, in bytes, unless the operation says otherwise.
    package let bodyLimit: Int
    /// Whether the service's handlers check all constraints, missing members too, because it has errors of its own for each.
    package let checksConstraintsItself: Bool
    /// The member that the request's path stands for when the request does not name it: SQS's requests may go to a queue's URL.
    package let pathMember: String?
    /// Query: whether errors have an empty `Detail`.
    package let hasErrorDetail: Bool

    /// A behaviour of these values; the defaults are those of most JSON services.
    package init(
        validationCode: String = "ValidationException", serializationCode: String = "SerializationException",
        errorNamespace: String = "", codes: [String: String] = [:],
        bodyLimit: Int = 1 << 20, checksConstraintsItself: Bool = false, pathMember: String? = nil, hasErrorDetail: Bool = false
    ) {
        self.validationCode = validationCode
        self.serializationCode = serializationCode
        self.errorNamespace = errorNamespace
        self.codes = codes
        self.bodyLimit = bodyLimit
        self.checksConstraintsItself = checksConstraintsItself
        self.pathMember = pathMember
        self.hasErrorDetail = hasErrorDetail
    }
}
