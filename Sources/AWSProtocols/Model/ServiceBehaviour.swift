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

    /// A behaviour of these values; the defaults are those of most JSON services.
    package init(
        validationCode: String = "ValidationException", serializationCode: String = "SerializationException",
        errorNamespace: String = "", codes: [String: String] = [:],
        bodyLimit: Int = 1 << 20
    ) {
        self.validationCode = validationCode
        self.serializationCode = serializationCode
        self.errorNamespace = errorNamespace
        self.codes = codes
        self.bodyLimit = bodyLimit
    }
}
