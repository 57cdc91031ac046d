import AWSProtocols
import AsyncHTTPClient
import JSONCore
import NIOHTTP1
import Services

/// The request of an HTTP task (`http:invoke`): its parameters with those of the connection laid over them.
///
/// Source: Step Functions Developer Guide, "Call HTTPS APIs in Step Functions workflows".
struct HTTPTaskRequest: Sendable, Equatable {
    /// A header or a part of the query.
    struct Field: Sendable, Equatable {
        var name: String
        var value: String
    }

    /// Why a request cannot be made: the cause of the task's `States.Runtime`.
    struct Fault: Error, Equatable {
        let reason: String
    }

    /// The method, in capitals.
    let method: String
    /// The endpoint as the task gives it, without the query of `QueryParameters`.
    let endpoint: String
    /// The ARN of the connection.
    let connectionARN: String
    /// In the order given; names differ without regard to case.
    var headers: [Field]
    /// In the order given.
    var query: [Field]
    /// The body; nil for none.
    var body: JSONValue?
    /// How the body is written.
    let encoding: BodyEncoding

    /// How the body is written.
    enum BodyEncoding: Sendable, Equatable {
        /// As JSON; a text as it is.
        case json
        /// As a form.
        case form(FormEncoding.ArrayFormat)
        /// As the text that it is, of this content type.
        case text(String)
    }

    private static let methods: Set<String> = ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"]

    /// Headers that are not the task's to set: those of the connection's hop, and those that Step Functions or the connection sets.
    private static let reservedHeaders: Set<String> = [
        "authorization", "connection", "content-length", "expect", "host", "http2-settings", "keep-alive", "max-forwards",
        "proxy-authorization", "range", "server", "te", "trailer", "transfer-encoding", "upgrade", "user-agent", "via",
    ]

    /// A request of these parts.
    init(
        method: String, endpoint: String, connectionARN: String, headers: [Field], query: [Field], body: JSONValue?,
        encoding: BodyEncoding
    ) {
        self.method = method
        self.endpoint = endpoint
        self.connectionARN = connectionARN
        self.headers = headers
        self.query = query
        self.body = body
        self.encoding = encoding
    }

    /// Reads a task's parameters.
    init(_ parameters: JSONValue) throws(Fault) {
        guard let object = parameters.object else { throw Fault(reason: "The parameters of an HTTP task must be a JSON object.") }
        endpoint = try HTTPTaskRequest.text("ApiEndpoint", in: object)
        method = try HTTPTaskRequest.text("Method", in: object).uppercased()
        guard HTTPTaskRequest.methods.contains(method) else { throw Fault(reason: "The method '\(method)' is not supported.") }
        let authentication = object["Authentication"] ?? object["InvocationConfig"]
        guard let arn = authentication?["ConnectionArn"]?.text else {
            throw Fault(reason: "The field 'Authentication.ConnectionArn' is required and must be a string.")
        }
        connectionARN = arn
        headers = try HTTPTaskRequest.fields("Headers", in: object, joinsArrays: true)
        for header in headers {
            let name = header.name.lowercased()
            guard !HTTPTaskRequest.reservedHeaders.contains(name), !name.hasPrefix("x-amz-"), !name.hasPrefix("x-forwarded-") else {
                throw Fault(reason: "The header '\(header.name)' is not allowed in HTTP tasks.")
            }
            guard HTTPTaskRequest.isHeader(header) else { throw Fault(reason: "The header '\(header.name)' is malformed.") }
        }
        query = try HTTPTaskRequest.fields("QueryParameters", in: object, joinsArrays: false)
        body = object["RequestBody"].flatMap { $0 == .null ? nil : $0 }
        encoding = try HTTPTaskRequest.encoding(object["Transform"])
    }

    /// Whether making the request twice does no more than making it once (RFC 9110, section 9.2.2).
    static func isIdempotent(_ parameters: JSONValue) -> Bool {
        ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"].contains(parameters["Method"]?.text?.uppercased() ?? "")
    }

    /// Lays the parameters of a connection over the request: where both have a name, the connection's value is taken.
    mutating func merge(_ connection: ConnectionParameters) throws(Fault) {
        for parameter in connection.invocation("HeaderParameters") { setHeader(parameter.key, parameter.value) }
        for parameter in connection.invocation("QueryStringParameters") {
            query.removeAll { $0.name == parameter.key }
            query.append(Field(name: parameter.key, value: parameter.value))
        }
        let members = connection.invocation("BodyParameters")
        guard !members.isEmpty else { return }
        guard case .object(var object) = body ?? .object([:]) else {
            throw Fault(reason: "The connection has body parameters, so the request's body must be a JSON object.")
        }
        for parameter in members { object[JSONString(parameter.key)] = .text(parameter.value) }
        body = .object(object)
    }

    /// Sets a header, in place of one of the same name.
    mutating func setHeader(_ name: String, _ value: String) {
        headers.removeAll { $0.name.lowercased() == name.lowercased() }
        headers.append(Field(name: name, value: value))
    }

    /// Whether there is a header of this name.
    func hasHeader(_ name: String) -> Bool { headers.contains { $0.name.lowercased() == name.lowercased() } }

    /// The endpoint with the query.
    var url: String {
        guard !query.isEmpty else { return endpoint }
        let text = query.map { FormEncoding.escape($0.name) + "=" + FormEncoding.escape($0.value) }.joined(separator: "&")
        return endpoint + (endpoint.contains("?") ? "&" : "?") + text
    }

    /// The body as it is sent, with the content type that goes with it; nil for none.
    func content() throws(Fault) -> (bytes: [UInt8], type: String)? {
        guard let body else { return nil }
        switch encoding {
        case .json:
            if case .string(let text) = body { return (Array(text.bytes), "text/plain; charset=utf-8") }
            return (JSONWriter.bytes(of: body), "application/json; charset=utf-8")
        case .text(let type): return (Array(body.text?.utf8 ?? "".utf8), type)
        case .form(let format):
            guard let object = body.object else {
                throw Fault(reason: "The request's body must be a JSON object to be URL encoded.")
            }
            return (Array(FormEncoding.text(of: object, arrays: format).utf8), "application/x-www-form-urlencoded")
        }
    }

    /// The request as it is sent.
    func message() throws(Fault) -> HTTPClientRequest {
        let content = try content()
        var message = HTTPClientRequest(url: url)
        message.method = HTTPMethod(rawValue: method)
        for header in headers { message.headers.add(name: header.name, value: header.value) }
        if let content { message.body = .bytes(content.bytes) }
        return message
    }

    // MARK: Parts

    private static func text(_ name: String, in object: JSONObject) throws(Fault) -> String {
        guard let text = object[name]?.text, !text.isEmpty else {
            throw Fault(reason: "The field '\(name)' is required and must be a non-empty string.")
        }
        return text
    }

    private static func fields(_ name: String, in object: JSONObject, joinsArrays: Bool) throws(Fault) -> [Field] {
        guard let value = object[name], value != .null else { return [] }
        guard let members = value.object?.members else { throw Fault(reason: "The field '\(name)' must be a JSON object.") }
        var fields: [Field] = []
        for member in members {
            if case .array(let elements) = member.value {
                let texts = elements.map(FormEncoding.plain)
                if joinsArrays {
                    fields.append(Field(name: member.key.text, value: texts.joined(separator: ",")))
                } else {
                    fields += texts.map { Field(name: member.key.text, value: $0) }
                }
            } else {
                fields.append(Field(name: member.key.text, value: FormEncoding.plain(member.value)))
            }
        }
        return fields
    }

    private static func encoding(_ transform: JSONValue?) throws(Fault) -> BodyEncoding {
        switch transform?["RequestBodyEncoding"]?.text {
        case nil, "NONE": return .json
        case "URL_ENCODED":
            let format = transform?["RequestEncodingOptions"]?["ArrayFormat"]?.text ?? FormEncoding.ArrayFormat.indices.rawValue
            guard let format = FormEncoding.ArrayFormat(rawValue: format) else {
                throw Fault(reason: "The array format '\(format)' is not supported.")
            }
            return .form(format)
        case let other?: throw Fault(reason: "The body encoding '\(other)' is not supported.")
        }
    }

    /// Whether a header can be sent (RFC 9110, sections 5.1 and 5.5).
    static func isHeader(_ field: Field) -> Bool {
        let isToken = field.name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"\"(),/:;<=>?@[\\]{}".utf8.contains($0) }
        return !field.name.isEmpty && isToken && field.value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
    }
}
