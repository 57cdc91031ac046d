package import AWSProtocols

/// One operation as a function: the validated input in, the output's members out.
///
/// It throws `APIError` for what the client should see; any other error is answered as an internal failure and logged.
package typealias OperationHandler = @Sendable (RequestContext, APIStructure) async throws -> APIStructure

/// The operations that the server answers, by service and name. Filled by the services when the server is put together, then only read.
package struct OperationRegistry: Sendable {
    /// An operation with its handler.
    package struct Entry: Sendable {
        /// The function that answers.
        package let handler: OperationHandler
        /// The function that answers clients, where bodies are streamed; calls made inside the server use `handler`.
        package fileprivate(set) var streamed: StreamedOperationHandler?
        /// How it is registered.
        package let options: OperationOptions
    }

    private var entries: [String: [String: Entry]] = [:]

    /// A registry without operations.
    package init() {}

    /// Registers the handler of an operation.
    /// - Parameters:
    ///   - service: the service's name in signatures: `states`, `ssm`, `lambda`, `sns`, `events`, `logs`, `sqs`, `scheduler`,
    ///     `monitoring`, `iam`, `sts`.
    ///   - operation: the operation's name as the API spells it: `StartExecution`.
    ///
    /// Registering an operation twice is a defect and traps.
    package mutating func register(
        service: String, operation: String, options: OperationOptions = OperationOptions(), handler: @escaping OperationHandler
    ) {
        precondition(entries[service]?[operation] == nil, "\(service) \(operation) is registered twice")
        entries[service, default: [:]][operation] = Entry(handler: handler, options: options)
    }

    /// Registers the handler that streams the bodies of an operation that is registered already.
    ///
    /// Clients of such an operation reach this handler alone. The plain one takes and gives the streamed member as a blob, for calls
    /// made inside the server.
    package mutating func registerStreamed(service: String, operation: String, handler: @escaping StreamedOperationHandler) {
        precondition(entries[service]?[operation] != nil, "\(service) \(operation) is not registered, or only later")
        precondition(entries[service]?[operation]?.streamed == nil, "\(service) \(operation) is streamed twice")
        entries[service]?[operation]?.streamed = handler
    }

    /// The registered operation, nil when there is none.
    package func entry(service: String, operation: String) -> Entry? {
        entries[service]?[operation]
    }

    /// The names of all registered operations of a service.
    package func operations(of service: String) -> Set<String> {
        entries[service].map { Set($0.keys) } ?? []
    }

    /// The services with at least one operation.
    package var services: Set<String> { Set(entries.keys) }
}
