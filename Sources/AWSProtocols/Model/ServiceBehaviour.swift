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
    /// REST-XML: what the model does not say of answers.
    package let xml: XMLBehaviour

    /// A behaviour of these values; the defaults are those of most JSON services.
    package init(
        validationCode: String = "ValidationException", serializationCode: String = "SerializationException",
        errorNamespace: String = "", codes: [String: String] = [:],
        bodyLimit: Int = 1 << 20, checksConstraintsItself: Bool = false, pathMember: String? = nil, hasErrorDetail: Bool = false,
        xml: XMLBehaviour = XMLBehaviour()
    ) {
        self.validationCode = validationCode
        self.serializationCode = serializationCode
        self.errorNamespace = errorNamespace
        self.codes = codes
        self.bodyLimit = bodyLimit
        self.checksConstraintsItself = checksConstraintsItself
        self.pathMember = pathMember
        self.hasErrorDetail = hasErrorDetail
        self.xml = xml
    }
}

/// What a REST-XML service's model does not say of its answers.
package struct XMLBehaviour: Sendable {
    /// The statuses of errors that the model does not have, by code; others are 400.
    package let statuses: [String: Int]
    /// The names of answers' outermost elements, by the output's shape, where they are not the shape's own name.
    package let elementNames: [String: String]
    /// Outputs of one member, whose text is that of the outermost element itself.
    package let unwrappedOutputs: Set<String>

    /// A behaviour of these tables.
    package init(
        statuses: [String: Int] = [:], elementNames: [String: String] = [:], unwrappedOutputs: Set<String> = []
    ) {
        self.statuses = statuses
        self.elementNames = elementNames
        self.unwrappedOutputs = unwrappedOutputs
    }
}
