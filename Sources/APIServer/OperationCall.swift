import AWSProtocols
import Logging
import Services

/// A request whose service and operation are known and served: what remains is to decode, run and encode.
struct OperationCall: Sendable {
    /// The codec of service and protocol.
    let codec: WireCodec
    /// The operation's model.
    let operation: OperationModel
    /// The operation's handler.
    let entry: OperationRegistry.Entry
    /// REST: the values of the path's labels.
    let labels: [(String, String)]

    /// Finds the operation in the registry.
    /// - Throws: `UnknownOperationException` when AWS does not know the name, `UnsupportedOperation` when Nightshift does not serve it.
    init(
        _ name: String, labels: [(String, String)], model: ServiceModel, wireProtocol: WireProtocol, registry: OperationRegistry
    ) throws(APIError) {
        guard let operation = model.operations[name] else {
            throw wireProtocol == .query
                ? APIError("InvalidAction", "The action \(name) is not valid for this web service.") : .unknownOperation()
        }
        guard let entry = registry.entry(service: model.name, operation: name), !operation.isShapeless else {
            throw .unsupportedOperation(service: model.fullName, operation: name)
        }
        codec = WireCodec(model: model, wireProtocol: wireProtocol)
        self.operation = operation
        self.entry = entry
        self.labels = labels
    }

    /// The operation's input, checked.
    func input(of request: WireRequest) throws(APIError) -> APIStructure {
        try codec.decode(request, operation, labels: labels, skippingConstraintsOf: entry.options.skipModelConstraints)
    }

    /// Decodes the request's head and runs the streaming handler with its body.
    /// - Returns: the answer's head, and its body where there is one still to be sent.
    func stream(
        _ head: WireRequest, _ body: any StreamedInputBody, _ handler: StreamedOperationHandler, _ context: RequestContext
    ) async throws -> (WireResponse, StreamedOutputBody?) {
        var input = try input(of: head)
        // The content's, where the headers tell those of its framing.
        if input.contains("ContentLength") { input["ContentLength"] = .integer(body.length) }
        if let encodings = input.string("ContentEncoding") {
            let rest = encodings.split(separator: ",").map { $0.drop { $0 == " " } }.filter { $0 != "aws-chunked" }
            input["ContentEncoding"] = rest.isEmpty ? nil : .string(rest.joined(separator: ","))
        }
        let answer = try await handler(context, input, body)
        return (response(answer.output, context), answer.body)
    }

    /// The answer that tells the handler's output.
    func response(_ output: APIStructure, _ context: RequestContext) -> WireResponse {
        let unknown = codec.unknownMembers(of: output, operation: operation)
        if !unknown.isEmpty {
            context.logger.warning(
                "an output has members that the model does not have",
                metadata: ["operation": "\(operation.name)", "members": "\(unknown.joined(separator: " "))"])
        }
        return codec.encode(output, of: operation, requestID: context.requestID)
    }
}
