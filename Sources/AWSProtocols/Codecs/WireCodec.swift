/// Turns requests of one protocol into inputs that satisfy the service's model, and outputs and errors into answers.
package struct WireCodec: Sendable {
    /// The service's model.
    package let model: ServiceModel
    /// The protocol that the request is written in.
    package let wireProtocol: WireProtocol

    /// A codec of a service and a protocol.
    package init(model: ServiceModel, wireProtocol: WireProtocol) {
        self.model = model
        self.wireProtocol = wireProtocol
    }

    /// The input of an operation, checked against the model.
    /// - Parameters:
    ///   - labels: REST: the values of the path's labels.
    ///   - skipped: top-level members whose constraints the handler checks itself.
    /// - Throws: the service's serialization or validation error.
    package func decode(
        _ request: WireRequest, _ operation: OperationModel, labels: [(String, String)] = [],
        skippingConstraintsOf skipped: Set<String> = []
    ) throws(APIError) -> APIStructure {
        guard let position = operation.input, let layout = model.shapes[position].layout else { return APIStructure() }
        var input: APIStructure
        switch wireProtocol {
        case .json10, .json11: input = try JSONInput(model).structure(try json(request.body), layout)
        case .query: input = try QueryInput(model).structure(try form(request), layout)
        case .restJSON: input = try rest(request, labels, layout)
        case .restXML: input = try restXML(request, labels, layout, skipping: skipped)
        }
        if let name = model.behaviour.pathMember, request.path.utf8.count > 1, !input.contains(name), layout.member(named: name) != nil {
            input[name] = .string(request.path)
        }
        if model.behaviour.checksConstraintsItself { return input }
        try ConstraintChecker.check(input, as: model.shapes[position], of: model, skipping: skipped)
        return input
    }

    /// The answer to a successful operation. Members that the model does not have are left out.
    package func encode(_ output: APIStructure, of operation: OperationModel, requestID: String) -> WireResponse {
        let layout = operation.output.flatMap { model.shapes[$0].layout }
        switch wireProtocol {
        case .json10, .json11:
            var body: [UInt8] = []
            body.reserveCapacity(256)
            // AWS answers operations without output with an empty body, those with one by an object.
            if let layout { JSONOutput(model).append(output, layout, to: &body) }
            return response(status: operation.successStatus, requestID: requestID, body: body)
        case .query:
            return queryResponse(output, layout, operation, requestID: requestID)
        case .restJSON:
            return restResponse(output, layout, operation, requestID: requestID)
        case .restXML:
            return restXMLResponse(output, operation, requestID: requestID)
        }
    }

    /// The answer to a failed operation.
    ///
    /// For REST-XML see `encode(_:of:resource:isHead:requestID:)`.
    package func encode(_ error: APIError, requestID: String) -> WireResponse {
        ErrorEncoder(model: model, wireProtocol: wireProtocol).response(error, requestID: requestID)
    }

    /// The names of members of an output that the model does not have: defects of a handler, which tests look for.
    package func unknownMembers(of output: APIStructure, operation: OperationModel) -> [String] {
        let layout = operation.output.flatMap { model.shapes[$0].layout }
        return output.members.map(\.name).filter { layout?.member(named: $0) == nil }
    }

    func response(status: Int, requestID: String, body: [UInt8]) -> WireResponse {
        WireResponse(
            status: status,
            headers: [("x-amzn-RequestId", requestID), ("Content-Type", wireProtocol.contentType)], body: body)
    }
}
