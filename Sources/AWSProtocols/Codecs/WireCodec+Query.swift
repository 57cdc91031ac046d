extension WireCodec {
    /// The form's fields, from the body or, with GET, the query string.
    func form(_ request: WireRequest) throws(APIError) -> [(String, String)] {
        guard let query = FormDecoder.pairs(request.query), let body = FormDecoder.pairs(request.body) else {
            throw APIError("MalformedQueryString", "The request is not a well-formed form.", httpStatus: 400)
        }
        return query + body
    }

    /// `<OperationResponse><OperationResult>…</OperationResult><ResponseMetadata>…</ResponseMetadata></OperationResponse>`.
    func queryResponse(
        _ output: APIStructure, _ layout: StructureLayout?, _ operation: OperationModel, requestID: String
    ) -> WireResponse {
        var xml = XMLOutput(model)
        let name = operation.name + "Response"
        xml.start(name, namespace: model.xmlNamespace)
        if let layout {
            let wrapper = operation.resultWrapper ?? operation.name + "Result"
            xml.start(wrapper)
            xml.append(output, layout)
            xml.end(wrapper)
        }
        xml.start("ResponseMetadata")
        xml.element("RequestId", requestID)
        xml.end("ResponseMetadata")
        xml.end(name)
        return response(status: operation.successStatus, requestID: requestID, body: xml.bytes)
    }
}
