import JSONCore

extension WireCodec {
    /// The input of a REST request: from path, query string, headers and body.
    func rest(_ request: WireRequest, _ labels: [(String, String)], _ layout: StructureLayout) throws(APIError) -> APIStructure {
        var input = APIStructure()
        guard let query = FormDecoder.pairs(request.query) else {
            throw APIError(model.behaviour.serializationCode, "The query string is not well-formed.", httpStatus: 400)
        }
        for member in layout.members {
            let shape = model.shape(of: member)
            switch member.location {
            case .uri:
                guard let text = labels.first(where: { $0.0 == member.wireName })?.1 else { continue }
                input.append(member.name, try scalar(text, member, shape))
            case .querystring:
                guard let value = try queryValue(query, member, shape) else { continue }
                input.append(member.name, value)
            case .header:
                guard let text = request.header(member.wireName.lowercased()) else { continue }
                input.append(member.name, try scalar(text, member, shape))
            case .headers, .statusCode, .body: continue
            }
        }
        if let payload = layout.payload.map({ layout.members[$0] }) {
            if let value = try payloadValue(request.body, model.shape(of: payload)) { input.append(payload.name, value) }
        } else if layout.members.contains(where: { $0.location == .body }) {
            let members = try JSONInput(model).structure(try json(request.body), layout) { $0.location == .body }
            for member in members.members { input.append(member.name, member.value) }
        }
        return input
    }

    /// A REST answer: headers, status and payload come out of the output's members.
    func restResponse(
        _ output: APIStructure, _ layout: StructureLayout?, _ operation: OperationModel, requestID: String
    ) -> WireResponse {
        var answer = response(status: operation.successStatus, requestID: requestID, body: [])
        guard let layout else { return answer }
        for entry in output.members where !entry.value.isNull {
            guard let member = layout.member(named: entry.name) else { continue }
            let shape = model.shape(of: member)
            switch member.location {
            case .statusCode:
                if let status = entry.value.integer { answer.status = Int(status) }
            case .header:
                if let text = TextScalar.text(entry.value, shape, .rfc822) { answer.headers.append((member.wireName, text)) }
            case .headers:
                for (name, value) in output.stringMap(entry.name) { answer.headers.append((member.wireName + name, value)) }
            case .uri, .querystring, .body: continue
            }
        }
        if let payload = layout.payload.map({ layout.members[$0] }) {
            guard let value = output[payload.name], !value.isNull else { return answer }
            if case .blob(let bytes) = value {
                answer.body = bytes
            } else {
                JSONOutput(model).append(value, model.shape(of: payload), to: &answer.body)
            }
        } else if answer.status != 204, layout.members.contains(where: { $0.location == .body }) {
            JSONOutput(model).append(output, layout, to: &answer.body) { $0.location == .body }
        }
        return answer
    }

    private func payloadValue(_ body: [UInt8], _ shape: Shape) throws(APIError) -> APIValue? {
        switch shape.kind {
        case .blob: return body.isEmpty ? nil : .blob(body)
        case .string: return body.isEmpty ? nil : .string(String(decoding: body, as: UTF8.self))
        default: return body.isEmpty ? nil : try JSONInput(model).value(try json(body), shape)
        }
    }

    private func queryValue(
        _ query: [(String, String)], _ member: MemberModel, _ shape: Shape
    ) throws(APIError) -> APIValue? {
        let texts = query.filter { $0.0 == member.wireName }.map(\.1)
        guard case .list(let element) = shape.kind else {
            guard let text = texts.first else { return nil }
            return try scalar(text, member, shape)
        }
        guard !texts.isEmpty else { return nil }
        var values: [APIValue] = []
        for text in texts { values.append(try scalar(text, member, model.shape(of: element))) }
        return .list(values)
    }

    private func scalar(_ text: String, _ member: MemberModel, _ shape: Shape) throws(APIError) -> APIValue {
        guard let value = TextScalar.value(text, shape) else {
            throw APIError(
                model.behaviour.serializationCode, "The value of \(member.wireName) cannot be read.", httpStatus: 400)
        }
        return value
    }
}
