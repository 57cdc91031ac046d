package import APIModels
package import AWSProtocols

/// Finds the service and operation of a request by `X-Amz-Target`, by the service that its signature names, or by path and form.
package struct RequestRouter: Sendable {
    private let catalogue: ModelCatalogue

    /// A router over these models.
    package init(catalogue: ModelCatalogue) {
        self.catalogue = catalogue
    }

    /// The route of a request, by its head alone.
    /// - Parameter signedService: the service in the signature's scope, not verified yet; nil when there is no signature.
    package func route(_ head: WireRequest, signedService: String?) -> RequestRoute {
        if let target = head.header("x-amz-target") { return route(target: target, head) }
        let signed = signedService.flatMap(catalogue.model)
        if let signed, signed.wireProtocol == .restJSON { return rest(signed, head) }
        if let signed { return form(signed, head) }
        if let signedService { return unknown("The service \(signedService) is not known.", restful(head) ?? .query) }
        // Without a signature the request will be refused, or is one of the few that need none; the path tells its protocol.
        for name in ["lambda", "scheduler"] {
            guard let model = catalogue.model(name), model.routes.knows(path: head.path) else { continue }
            return rest(model, head)
        }
        if head.path == "/" || head.path.isEmpty { return RequestRoute(model: nil, wireProtocol: .query, operation: .inForm) }
        return unknown("There is nothing at \(head.path).", .restJSON)
    }

    /// The service of an unsigned form, by its version or its action: SNS's mails carry links without a signature.
    package func service(ofForm fields: [(String, String)]) -> ServiceModel? {
        guard let action = fields.first(where: { $0.0 == "Action" })?.1 else { return nil }
        let models = ["sns", "sts", "monitoring", "sqs"].compactMap(catalogue.model).filter { $0.operations[action] != nil }
        guard let version = fields.first(where: { $0.0 == "Version" })?.1 else { return models.first }
        return models.first { $0.apiVersion == version } ?? models.first
    }

    private func route(target: String, _ head: WireRequest) -> RequestRoute {
        let isVersion11 = head.header("content-type")?.hasPrefix("application/x-amz-json-1.1") == true
        let parts = target.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let service = catalogue.service(targetPrefix: String(parts[0]))
        let wireProtocol: WireProtocol =
            head.header("content-type") == nil ? service?.wireProtocol ?? .json10 : isVersion11 ? .json11 : .json10
        guard let service, parts.count == 2, service.operations[String(parts[1])] != nil else {
            return RequestRoute(model: service, wireProtocol: wireProtocol, operation: .unknown(.unknownOperation()))
        }
        return RequestRoute(model: service, wireProtocol: wireProtocol, operation: .named(String(parts[1]), labels: []))
    }

    private func rest(_ model: ServiceModel, _ head: WireRequest) -> RequestRoute {
        guard let match = model.routes.match(method: head.method, path: head.path) else {
            let error = APIError(
                "UnknownOperationException", "\(model.fullName) has no operation \(head.method) \(head.path)", httpStatus: 404)
            return RequestRoute(model: model, wireProtocol: .restJSON, operation: .unknown(error))
        }
        return RequestRoute(
            model: model, wireProtocol: .restJSON, operation: .named(match.operation, labels: match.labels))
    }

    /// A signed request without target: a form, or nothing that AWS would take.
    private func form(_ model: ServiceModel, _ head: WireRequest) -> RequestRoute {
        let isForm = head.header("content-type")?.hasPrefix("application/x-www-form-urlencoded") == true
        if isForm || head.method == "GET" || model.wireProtocol == .query {
            return RequestRoute(model: model, wireProtocol: .query, operation: .inForm)
        }
        let error = APIError("UnknownOperationException", "The request has no X-Amz-Target.", httpStatus: 404)
        return RequestRoute(model: model, wireProtocol: model.wireProtocol, operation: .unknown(error))
    }

    private func unknown(_ message: String, _ wireProtocol: WireProtocol) -> RequestRoute {
        let error = APIError("UnknownOperationException", message, httpStatus: 404)
        return RequestRoute(model: nil, wireProtocol: wireProtocol, operation: .unknown(error))
    }

    private func restful(_ head: WireRequest) -> WireProtocol? {
        head.path == "/" || head.path.isEmpty ? nil : .restJSON
    }
}
