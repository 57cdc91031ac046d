import ByteCoding

extension ErrorEncoder {
    /// The headers of every answer of S3: the request's id, and a second one that says which host answered.
    static func objectHeaders(requestID: String) -> [(name: String, value: String)] {
        [("x-amz-request-id", requestID), ("x-amz-id-2", hostID(requestID))]
    }

    /// S3's `<Error>` ("Error responses" in the Amazon S3 API Reference). Answers to HEAD, and those of 304, have no body.
    func objectResponse(
        _ error: APIError, resource: String? = nil, isHead: Bool = false, requestID: String
    ) -> WireResponse {
        let code = model?.behaviour.codes[error.code] ?? error.code
        let status = error.httpStatus ?? model?.behaviour.xml.statuses[code] ?? model?.error(code)?.error?.httpStatus ?? 400
        var response = WireResponse(status: status, headers: ErrorEncoder.objectHeaders(requestID: requestID))
        if let seconds = error.retryAfterSeconds { response.headers.append(("Retry-After", String(seconds))) }
        if status == 304 { return response }
        response.headers.append(("Content-Type", WireProtocol.restXML.contentType))
        guard !isHead, let model else { return response }
        var document = XMLDocument(model)
        document.start("Error")
        document.element("Code", code)
        document.element("Message", error.message)
        for field in error.fields.members {
            if let text = ErrorEncoder.text(field.value) { document.element(field.name, text) }
        }
        if let resource, !error.fields.contains("Resource") { document.element("Resource", resource) }
        document.element("RequestId", requestID)
        document.element("HostId", ErrorEncoder.hostID(requestID))
        document.end("Error")
        response.body = document.bytes
        return response
    }

    private static func hostID(_ requestID: String) -> String {
        Base64.text(Array(requestID.utf8))
    }

    private static func text(_ value: APIValue) -> String? {
        switch value {
        case .string(let text): text
        case .integer(let number): String(number)
        case .bool(let value): String(value)
        case .timestamp(let milliseconds): TimestampText.text(milliseconds, .iso8601)
        default: nil
        }
    }
}
