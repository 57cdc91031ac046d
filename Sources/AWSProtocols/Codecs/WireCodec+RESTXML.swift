extension WireCodec {
    /// The input of an S3 request: from labels, query, headers and body.
    ///
    /// Presigned requests may carry headers of S3 in their query, since whoever has their URL adds no headers.
    /// - Parameter skipped: members whose documents the handler checks itself.
    func restXML(
        _ request: WireRequest, _ labels: [(String, String)], _ layout: StructureLayout, skipping skipped: Set<String> = []
    ) throws(APIError) -> APIStructure {
        var input = APIStructure(capacity: 16)
        guard let query = FormDecoder.pairs(request.query) else {
            throw APIError("InvalidURI", "Couldn't parse the specified URI.", httpStatus: 400)
        }
        for (position, member) in layout.members.enumerated() {
            let shape = model.shape(of: member)
            switch member.location {
            case .uri:
                guard let text = labels.first(where: { $0.0 == member.wireName })?.1 else { continue }
                input.append(member.name, .string(text))
            case .querystring:
                guard let text = query.first(where: { $0.0 == member.wireName })?.1 else { continue }
                if let value = try parameter(text, member, shape) { input.append(member.name, value) }
            case .header:
                let name = member.wireName.lowercased()
                guard let text = header(name, request, query) else { continue }
                if let value = try headerValue(text, member, shape) { input.append(member.name, value) }
            case .headers:
                let entries = headers(prefix: member.wireName.lowercased(), request, query)
                if !entries.isEmpty { input.append(member.name, .stringMap(entries)) }
            case .statusCode: continue
            case .body:
                guard position == layout.payload, !request.body.isEmpty else { continue }
                input.append(member.name, try payload(request.body, member, shape, isStrict: !skipped.contains(member.name)))
            }
        }
        return input
    }

    private func payload(_ body: [UInt8], _ member: MemberModel, _ shape: Shape, isStrict: Bool) throws(APIError) -> APIValue {
        switch shape.kind {
        case .blob: return .blob(body)
        case .string:
            guard let text = String(validating: body, as: UTF8.self) else {
                throw APIError("InvalidRequest", "The body is not UTF-8.", httpStatus: 400)
            }
            return .string(text)
        default: return try XMLInput(model, isStrict: isStrict).document(body, shape, named: member.wireName)
        }
    }

    /// A header's value, all lines of it; else that of the query's parameter of the same name.
    private func header(_ name: String, _ request: WireRequest, _ query: [(String, String)]) -> String? {
        let values = request.headers.filter { $0.name == name }.map(\.value)
        if !values.isEmpty { return values.joined(separator: ",") }
        guard name.hasPrefix("x-amz-") || name == "content-type" else { return nil }
        return query.first { $0.0.lowercased() == name }?.1
    }

    private func headers(prefix: String, _ request: WireRequest, _ query: [(String, String)]) -> [(String, String)] {
        var entries: [(String, String)] = []
        func add(_ name: String, _ value: String) {
            let key = String(name.dropFirst(prefix.count))
            guard !key.isEmpty else { return }
            if let index = entries.firstIndex(where: { $0.0 == key }) {
                entries[index].1 += "," + value
            } else {
                entries.append((key, value))
            }
        }
        for header in request.headers where header.name.hasPrefix(prefix) { add(header.name, header.value) }
        for (name, value) in query where name.lowercased().hasPrefix(prefix) { add(name.lowercased(), value) }
        return entries
    }

    private func headerValue(_ text: String, _ member: MemberModel, _ shape: Shape) throws(APIError) -> APIValue? {
        if case .list(let element) = shape.kind {
            let texts = text.split(separator: ",").map { String($0.drop { $0 == " " }) }
            return .list(texts.compactMap { TextScalar.value($0, model.shape(of: element)) })
        }
        if let value = TextScalar.value(text, shape) { return value }
        // A date that is none is as if it were not there (RFC 9110, section 13.1.3).
        if case .timestamp = shape.kind { return nil }
        throw invalid(member.wireName, text, "The value of \(member.wireName) cannot be read.")
    }

    private func parameter(_ text: String, _ member: MemberModel, _ shape: Shape) throws(APIError) -> APIValue? {
        if let value = TextScalar.value(text, shape) { return value }
        switch shape.kind {
        case .timestamp: return nil
        // What is left empty is as if it were not there.
        case .boolean where text.isEmpty: return nil
        case .integer where text.isEmpty && member.wireName != "partNumber": return nil
        case .integer where member.wireName == "partNumber":
            throw invalid(member.wireName, text, "Part number must be an integer between 1 and 10000, inclusive")
        case .integer: throw invalid(member.wireName, text, "Provided \(member.wireName) not an integer or within integer range")
        default: throw invalid(member.wireName, text, "The value of \(member.wireName) cannot be read.")
        }
    }

    private func invalid(_ name: String, _ value: String, _ message: String) -> APIError {
        APIError(
            "InvalidArgument", message, fields: ["ArgumentName": .string(name), "ArgumentValue": .string(value)], httpStatus: 400)
    }
}

extension WireCodec {
    /// What S3 answers with where its model says nothing of it.
    private static let unmodelledStatuses = ["PutBucketPolicy": 204, "PutBucketTagging": 204]

    /// An S3 answer: headers out of the output's members, and a document, a text or an object's bytes for a body.
    func restXMLResponse(_ output: APIStructure, _ operation: OperationModel, requestID: String) -> WireResponse {
        var answer = WireResponse(
            status: WireCodec.unmodelledStatuses[operation.name] ?? operation.successStatus,
            headers: ErrorEncoder.objectHeaders(requestID: requestID))
        guard let position = operation.output, let layout = model.shapes[position].layout else { return answer }
        answer.headers += headers(of: output, layout)
        // Parts of an object are told by their range.
        if answer.status == 200, answer.header("content-range") != nil { answer.status = 206 }
        if let payload = layout.payload.map({ layout.members[$0] }) {
            guard let value = output[payload.name], !value.isNull else { return answer }
            answer.body = payloadBytes(value, payload)
            if answer.header("content-type") == nil {
                let isText = if case .string = value { true } else { false }
                answer.headers.append(("Content-Type", isText ? "application/json" : wireProtocol.contentType))
            }
        } else if answer.status != 204, layout.members.contains(where: { $0.location == .body }) {
            answer.body = document(output, model.shapes[position], layout)
            answer.headers.append(("Content-Type", wireProtocol.contentType))
        }
        return answer
    }

    /// The headers that an output's members stand for.
    private func headers(of output: APIStructure, _ layout: StructureLayout) -> [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = []
        for entry in output.members where !entry.value.isNull {
            guard let member = layout.member(named: entry.name) else { continue }
            switch member.location {
            case .header:
                if let text = TextScalar.text(entry.value, model.shape(of: member), .rfc822) {
                    headers.append((member.wireName, text))
                }
            case .headers:
                for (name, value) in output.stringMap(entry.name) { headers.append((member.wireName + name, value)) }
            case .uri, .querystring, .statusCode, .body: continue
            }
        }
        return headers
    }

    private func payloadBytes(_ value: APIValue, _ payload: MemberModel) -> [UInt8] {
        switch value {
        case .blob(let bytes): return bytes
        case .string(let text): return Array(text.utf8)
        default:
            var document = XMLDocument(model)
            document.root(payload.wireName, value, model.shape(of: payload))
            return document.bytes
        }
    }

    private func document(_ output: APIStructure, _ shape: Shape, _ layout: StructureLayout) -> [UInt8] {
        let behaviour = model.behaviour.xml
        let name = behaviour.elementNames[shape.name] ?? shape.name
        var document = XMLDocument(model)
        if behaviour.unwrappedOutputs.contains(shape.name), let member = layout.members.first {
            document.root(name, output[member.name] ?? "", model.shape(of: member))
        } else {
            document.root(name, .structure(output), shape) { $0.location == .body }
        }
        return document.bytes
    }

    /// The answer to a failed S3 operation.
    /// - Parameters:
    ///   - operation: the operation; nil when it is not known. Fields of the error that its output has as headers are told by them
    ///     too: `ETag` of an object that is not modified, `DeleteMarker` of one that is deleted.
    ///   - resource: the path that the request names.
    ///   - isHead: whether the request is a HEAD, whose answers have no body.
    package func encode(
        _ error: APIError, of operation: OperationModel?, resource: String, isHead: Bool, requestID: String
    ) -> WireResponse {
        var response = ErrorEncoder(model: model, wireProtocol: wireProtocol).objectResponse(
            error, resource: resource, isHead: isHead, requestID: requestID)
        if let layout = operation?.output.flatMap({ model.shapes[$0].layout }) {
            response.headers += headers(of: error.fields, layout)
        }
        return response
    }
}
