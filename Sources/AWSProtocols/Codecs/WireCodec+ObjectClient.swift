/// The other side of S3's protocol: requests to another S3, and its answers.
extension WireCodec {
    /// The request of an operation, with the bucket in the path and without a signature. A streamed payload is left out.
    package func objectRequest(_ operation: OperationModel, _ input: APIStructure) -> WireRequest {
        let parts = operation.path.split(separator: "?", maxSplits: 1)
        var request = WireRequest(method: operation.method, path: String(parts.first ?? "/"))
        var query = parts.count > 1 ? [String(parts[1])] : []
        let layout = operation.input.flatMap { model.shapes[$0].layout }
        for entry in input.members where !entry.value.isNull {
            guard let layout, let member = layout.member(named: entry.name) else { continue }
            let shape = model.shape(of: member)
            switch member.location {
            case .uri:
                let text = PercentEncoding.encode(entry.value.string ?? "", keepingSlash: true)
                for label in ["{\(member.wireName)}", "{\(member.wireName)+}"] { request.path = request.path.replacing(label, with: text) }
            case .querystring:
                guard let text = TextScalar.text(entry.value, shape, .iso8601) else { continue }
                query.append("\(PercentEncoding.encode(member.wireName))=\(PercentEncoding.encode(text))")
            case .header:
                guard let text = headerText(entry.value, shape) else { continue }
                request.headers.append((member.wireName.lowercased(), text))
            case .headers:
                for (name, value) in input.stringMap(entry.name) {
                    request.headers.append(((member.wireName + name).lowercased(), value))
                }
            case .statusCode: continue
            case .body:
                guard let payload = layout.payload, layout.members[payload].name == member.name else { continue }
                request.body = document(entry.value, member, shape)
            }
        }
        request.query = query.joined(separator: "&")
        return request
    }

    private func document(_ value: APIValue, _ member: MemberModel, _ shape: Shape) -> [UInt8] {
        switch value {
        case .blob(let bytes): return bytes
        case .string(let text): return Array(text.utf8)
        default:
            var document = XMLDocument(model)
            document.root(member.wireName, value, shape)
            return document.bytes
        }
    }

    private func headerText(_ value: APIValue, _ shape: Shape) -> String? {
        guard case .list(let elements) = value, case .list(let element) = shape.kind else {
            return TextScalar.text(value, shape, .rfc822)
        }
        return elements.compactMap { TextScalar.text($0, model.shape(of: element), .rfc822) }.joined(separator: ",")
    }

    /// Whether an operation's answer is an object's bytes, to be streamed, when it succeeds.
    package func answersWithBlob(_ operation: OperationModel) -> Bool {
        guard let layout = operation.output.flatMap({ model.shapes[$0].layout }), let payload = layout.payload else { return false }
        if case .blob = model.shape(of: layout.members[payload]).kind { return true }
        return false
    }

    /// The output that an answer tells. A streamed payload is left out.
    /// - Throws: the error that the answer tells, also one that comes with status 200.
    package func objectOutput(_ operation: OperationModel, _ response: WireResponse) throws(APIError) -> APIStructure {
        guard (200..<300).contains(response.status) else { throw objectFailure(response) }
        guard let position = operation.output, let layout = model.shapes[position].layout else { return APIStructure() }
        var output = APIStructure()
        for member in layout.members {
            let shape = model.shape(of: member)
            switch member.location {
            case .header:
                guard let text = response.header(member.wireName), let value = TextScalar.value(text, shape) else { continue }
                output.append(member.name, value)
            case .headers:
                let prefix = member.wireName.lowercased()
                let entries = response.headers.compactMap { header -> (String, String)? in
                    let name = header.name.lowercased()
                    return name.hasPrefix(prefix) ? (String(name.dropFirst(prefix.count)), header.value) : nil
                }
                if !entries.isEmpty { output.append(member.name, .stringMap(entries)) }
            case .uri, .querystring, .statusCode, .body: continue
            }
        }
        for member in try body(of: response, model.shapes[position], layout).members { output.append(member.name, member.value) }
        return output
    }

    private func body(of response: WireResponse, _ shape: Shape, _ layout: StructureLayout) throws(APIError) -> APIStructure {
        guard !response.body.isEmpty else { return [:] }
        let payload = layout.payload.map { layout.members[$0] }
        if let payload {
            switch model.shape(of: payload).kind {
            case .blob: return [:]
            case .string: return APIStructure([(payload.name, .string(String(decoding: response.body, as: UTF8.self)))])
            default: break
            }
        }
        guard let root = try? XMLParser.parse(response.body) else {
            throw .internalFailure("The object store's answer cannot be read.")
        }
        if root.name == "Error" { throw objectFailure(response) }
        let input = XMLInput(model, isStrict: false)
        if let payload { return APIStructure([(payload.name, try input.content(root, model.shape(of: payload)))]) }
        if model.behaviour.xml.unwrappedOutputs.contains(shape.name), let member = layout.members.first {
            return root.text.isEmpty ? [:] : APIStructure([(member.name, .string(root.text))])
        }
        return try input.members(root, layout)
    }

    /// The error that an answer tells.
    private func objectFailure(_ response: WireResponse) -> APIError {
        let status = response.status < 300 ? 500 : response.status
        guard let root = try? XMLParser.parse(response.body), let code = root.child("Code")?.text else {
            return APIError(WireCodec.code(ofStatus: status), "The object store answered with status \(status).", httpStatus: status)
        }
        var fields = APIStructure()
        let own: Set<String> = ["Code", "Message", "RequestId", "HostId", "Resource"]
        for child in root.children where !own.contains(child.name) && child.children.isEmpty && fields[child.name] == nil {
            fields.append(child.name, .string(child.text))
        }
        return APIError(code, root.child("Message")?.text ?? "", fields: fields, httpStatus: status)
    }

    /// What answers without a body stand for: those to HEAD.
    private static func code(ofStatus status: Int) -> String {
        switch status {
        case 301: "PermanentRedirect"
        case 304: "NotModified"
        case 403: "AccessDenied"
        case 404: "NoSuchKey"
        case 412: "PreconditionFailed"
        case 416: "InvalidRange"
        case 503: "ServiceUnavailable"
        default: status < 500 ? "InvalidRequest" : "InternalError"
        }
    }
}
