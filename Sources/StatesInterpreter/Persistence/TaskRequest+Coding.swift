import StatesLanguage

extension TaskRequest {
    /// The request as bytes, for an outbox: complete in itself.
    package func encoded() -> [UInt8] {
        var writer = ByteWriter()
        writer.number(effect.rawValue)
        writer.string(resource.arn)
        writer.number(parameters.number)
        writer.number(parameters.origin)
        writer.data(parameters.text)
        writer.string(stateName)
        writer.number(branch.rawValue)
        writer.number(Int64(retryCount))
        writer.optional(timeoutSeconds) { $0.number($1) }
        writer.optional(heartbeatSeconds) { $0.number($1) }
        writer.optional(taskToken) { $0.string($1) }
        return RecordFrame.wrap(.request, writer.bytes)
    }

    /// Reads a request.
    package init(decoding bytes: [UInt8]) throws(PersistenceError) {
        var reader = try RecordFrame.open(.request, bytes, payloads: PayloadTable())
        effect = try reader.effect()
        let arn = try reader.string()
        // A resource that the definition held as a template's placeholder was taken for a function.
        resource = TaskResource(parsing: arn) ?? .function(arn: arn)
        let number = try reader.number()
        let origin = try reader.number()
        parameters = Payload(number: number, origin: origin, document: JSONDocument(stored: try reader.data()))
        stateName = try reader.string()
        branch = BranchID(rawValue: try reader.number())
        guard let retries = Int(exactly: try reader.number()) else { throw reader.malformed }
        retryCount = retries
        timeoutSeconds = try reader.optionalNumber()
        heartbeatSeconds = try reader.optionalNumber()
        taskToken = try reader.optionalString()
        guard reader.isAtEnd else { throw reader.malformed }
    }
}
