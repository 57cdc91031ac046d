import AWSProtocols
import JSONCore

/// Compiles a trimmed botocore model into what the codecs work with.
struct ModelParser {
    /// The text is not a model.
    struct Malformed: Error {
        let reason: String
    }

    private let shapeNames: [JSONString: Int]
    private let sources: JSONObject
    private let overlay: QueryOverlay?

    private init(_ sources: JSONObject, _ overlay: QueryOverlay?) {
        self.sources = sources
        self.overlay = overlay
        shapeNames = Dictionary(uniqueKeysWithValues: sources.members.enumerated().map { ($1.key, $0) })
    }

    /// The model of a service.
    /// - Parameter overlay: what the Query protocol names otherwise than the model; nil when the model says it itself.
    static func parse(
        _ text: [UInt8], service: String, behaviour: ServiceBehaviour, overlay: QueryOverlay? = nil
    ) throws -> ServiceModel {
        let root = try JSONParser.parse(text)
        guard let metadata = root["metadata"], let operations = root["operations"]?.object,
            let shapes = root["shapes"]?.object
        else { throw Malformed(reason: "a part is missing") }
        let parser = ModelParser(shapes, overlay)
        return ServiceModel(
            name: service, fullName: metadata["serviceFullName"]?.text ?? service,
            apiVersion: metadata["apiVersion"]?.text ?? "", wireProtocol: try wireProtocol(metadata),
            targetPrefix: metadata["targetPrefix"]?.text, xmlNamespace: overlay?.namespace ?? metadata["xmlNamespace"]?.text,
            isQueryCompatible: metadata["awsQueryCompatible"] != nil,
            operations: try operations.members.map { try parser.operation($0.key.text, $0.value) },
            shapes: try shapes.members.map { try parser.shape($0.key.text, $0.value) } + (overlay?.commonErrors ?? []),
            behaviour: behaviour)
    }

    private static func wireProtocol(_ metadata: JSONValue) throws -> WireProtocol {
        switch metadata["protocol"]?.text {
        case "json": return metadata["jsonVersion"]?.text == "1.1" ? .json11 : .json10
        case "rest-json": return .restJSON
        case "rest-xml": return .restXML
        case "query": return .query
        // CloudWatch's first protocol is CBOR; it speaks JSON too, and the request decides.
        case "smithy-rpc-v2-cbor": return .json10
        case let name: throw Malformed(reason: "protocol \(name ?? "absent")")
        }
    }

    private func operation(_ name: String, _ source: JSONValue) throws -> OperationModel {
        OperationModel(
            name: name, method: source["http"]?["method"]?.text ?? "POST",
            path: source["http"]?["requestUri"]?.text ?? "/",
            successStatus: source["http"]?["responseCode"]?.integer.map { Int($0) } ?? 200,
            input: try source["input"].map(position), output: try source["output"].map(position),
            resultWrapper: source["output"]?["resultWrapper"]?.text, isShapeless: source["shapeless"]?.bool ?? false)
    }

    /// The position of the shape that a reference names.
    private func position(_ reference: JSONValue) throws -> Int {
        guard let name = reference["shape"]?.string, let position = shapeNames[name] else {
            throw Malformed(reason: "a reference to the shape \(reference["shape"]?.text ?? "?")")
        }
        return position
    }

    private func shape(_ name: String, _ source: JSONValue) throws -> Shape {
        Shape(
            name: name, kind: try kind(name, source), constraints: constraints(source),
            isFlattened: source["flattened"]?.bool ?? false, isSensitive: source["sensitive"]?.bool ?? false,
            error: error(name, source), timestampFormat: source["timestampFormat"]?.text.flatMap(TimestampFormat.init),
            xmlNamespace: namespace(source))
    }

    private func kind(_ name: String, _ source: JSONValue) throws -> Shape.Kind {
        switch source["type"]?.text {
        case "structure":
            return source["document"]?.bool == true ? .document : .structure(try layout(name, source))
        case "list":
            guard let element = source["member"] else { throw Malformed(reason: "a list without element") }
            return .list(element: try member("member", element, queryName: overlay?.elements[name]))
        case "map":
            guard let key = source["key"], let value = source["value"] else { throw Malformed(reason: "a map without types") }
            let names = overlay?.entries[name]
            return .map(
                key: try member("key", key, queryName: names?.key), value: try member("value", value, queryName: names?.value))
        case "string": return .string
        case "integer": return .integer
        case "long": return .long
        case "double", "float": return .double
        case "boolean": return .boolean
        case "blob": return .blob
        case "timestamp": return .timestamp
        case let type: throw Malformed(reason: "type \(type ?? "absent")")
        }
    }

    private func layout(_ name: String, _ source: JSONValue) throws -> StructureLayout {
        let required = Set(source["required"]?.array?.compactMap(\.string) ?? [])
        let members = try (source["members"]?.object?.members ?? []).map { entry in
            let member = entry.key.text
            return try self.member(
                member, entry.value, queryName: overlay?.members[name + "." + member] ?? overlay?.members[member],
                isRequired: required.contains(entry.key))
        }
        return StructureLayout(members: members, payload: source["payload"]?.text)
    }

    private func member(
        _ name: String, _ source: JSONValue, queryName: String? = nil, isRequired: Bool = false
    ) throws -> MemberModel {
        let location: MemberModel.Location =
            switch source["location"]?.text {
            case "header": .header
            case "headers": .headers
            case "uri": .uri
            case "querystring": .querystring
            case "statusCode": .statusCode
            default: .body
            }
        return MemberModel(
            name: name, locationName: source["locationName"]?.text, queryName: queryName, location: location, isRequired: isRequired,
            isFlattened: source["flattened"]?.bool ?? false, isXMLAttribute: source["xmlAttribute"]?.bool ?? false,
            shape: try position(source))
    }

    private func namespace(_ source: JSONValue) -> XMLNamespace? {
        guard let prefix = source["xmlNamespace"]?["prefix"]?.text, let uri = source["xmlNamespace"]?["uri"]?.text else { return nil }
        return XMLNamespace(prefix: prefix, uri: uri)
    }

    private func constraints(_ source: JSONValue) -> Constraints {
        // Limits of floating-point numbers may have fractions; those that AWS has are whole.
        Constraints(
            minimum: source["min"]?.integer, maximum: source["max"]?.integer,
            pattern: source["pattern"]?.text.map(TextPattern.init),
            values: source["enum"]?.array?.compactMap(\.text) ?? [])
    }

    private func error(_ name: String, _ source: JSONValue) -> ErrorTrait? {
        guard source["exception"]?.bool == true || source["error"] != nil else { return nil }
        let members = source["members"]?.object
        let query = overlay?.errors[name]
        return ErrorTrait(
            code: query?.code ?? source["error"]?["code"]?.text,
            httpStatus: query?.httpStatus ?? source["error"]?["httpStatusCode"]?.integer.map { Int($0) },
            isFault: source["fault"]?.bool ?? false,
            messageName: members?["Message"] != nil ? "Message" : "message", queryMessage: query?.message)
    }
}
