import JSONCore

/// Renders errors in the form of a service and protocol; also when the service is not known, as with requests that no route takes.
package struct ErrorEncoder: Sendable {
    /// The service's model, nil when the service is not known.
    let model: ServiceModel?
    private let wireProtocol: WireProtocol

    /// An encoder of a service, nil when it is not known, and a protocol.
    package init(model: ServiceModel?, wireProtocol: WireProtocol) {
        self.model = model
        self.wireProtocol = wireProtocol
    }

    /// The answer that tells the error.
    package func response(_ error: APIError, requestID: String) -> WireResponse {
        var error = error
        if let code = model?.behaviour.codes[error.code] { error.code = code }
        let shape = model?.error(error.code)
        if wireProtocol == .restXML { return objectResponse(error, requestID: requestID) }
        let status = error.httpStatus ?? shape?.error?.httpStatus ?? (shape?.error?.isFault == true ? 500 : 400)
        var headers: [(name: String, value: String)] = [
            ("x-amzn-RequestId", requestID), ("Content-Type", wireProtocol.contentType),
        ]
        if let seconds = error.retryAfterSeconds { headers.append(("Retry-After", String(seconds))) }
        let body: [UInt8]
        switch wireProtocol {
        case .query:
            body = xml(error, shape, status: status, requestID: requestID)
        case .json10, .json11:
            let name = shape?.name ?? error.code
            let namespace = shape == nil ? "" : shape?.error?.namespace ?? model?.behaviour.errorNamespace ?? ""
            body = json(error, shape, type: namespace + name)
            if model?.isQueryCompatible == true {
                headers.append(("x-amzn-query-error", "\(shape?.error?.code ?? name);\(status < 500 ? "Sender" : "Receiver")"))
            }
        case .restJSON:
            headers.append(("x-amzn-ErrorType", shape?.name ?? error.code))
            var error = error
            // Lambda's errors say whose fault they are.
            if shape?.layout?.member(named: "Type") != nil, error.fields["Type"] == nil {
                error.fields["Type"] = .string(status < 500 ? "User" : "Server")
            }
            body = json(error, shape, type: nil)
        case .restXML: preconditionFailure("answered above")
        }
        return WireResponse(status: status, headers: headers, body: body)
    }

    private func json(_ error: APIError, _ shape: Shape?, type: String?) -> [UInt8] {
        var body: [UInt8] = []
        body.reserveCapacity(128)
        body.append(UInt8(ascii: "{"))
        if let type {
            body.append(contentsOf: "\"__type\":".utf8)
            JSONWriter.append(JSONString(type), to: &body)
        }
        if !error.message.isEmpty {
            if body.count > 1 { body.append(UInt8(ascii: ",")) }
            JSONWriter.append(JSONString(shape?.error?.messageName ?? "message"), to: &body)
            body.append(UInt8(ascii: ":"))
            JSONWriter.append(JSONString(error.message), to: &body)
        }
        for field in error.fields.members where !field.value.isNull {
            if body.count > 1 { body.append(UInt8(ascii: ",")) }
            JSONWriter.append(JSONString(field.name), to: &body)
            body.append(UInt8(ascii: ":"))
            if let model, let member = shape?.layout?.member(named: field.name) {
                JSONOutput(model).append(field.value, model.shape(of: member), to: &body)
            } else {
                JSONOutput.append(field.value, to: &body)
            }
        }
        body.append(UInt8(ascii: "}"))
        return body
    }

    private func xml(_ error: APIError, _ shape: Shape?, status: Int, requestID: String) -> [UInt8] {
        var xml = XMLOutput(model)
        xml.start("ErrorResponse", namespace: model?.xmlNamespace)
        xml.start("Error")
        xml.element("Type", status < 500 ? "Sender" : "Receiver")
        xml.element("Code", shape?.error?.code ?? shape?.name ?? error.code)
        xml.element("Message", shape?.error?.queryMessage ?? error.message)
        if model?.behaviour.hasErrorDetail == true { xml.element("Detail", "") }
        xml.end("Error")
        xml.element("RequestId", requestID)
        xml.end("ErrorResponse")
        return xml.bytes
    }
}
