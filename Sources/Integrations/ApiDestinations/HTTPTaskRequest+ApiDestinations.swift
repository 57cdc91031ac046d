import Engine
import JSONCore
import Services
import Store

extension HTTPTaskRequest {
    /// Headers that belong to the hop, and those that EventBridge sets itself.
    private static let hopHeaders: Set<String> = [
        "connection", "content-length", "expect", "host", "keep-alive", "proxy-authorization", "range", "te", "trailer",
        "transfer-encoding", "upgrade", "user-agent",
    ]

    /// The request of an event to an API destination: the target's `HttpParameters`, with the connection's parameters laid over them
    /// (EventBridge API Reference, HttpParameters). The body is the target's input as it is, unless the connection adds to it.
    init(_ event: RuleTargetDelivery, to destination: ApiDestinationRecord, _ connection: ConnectionParameters) throws(Fault) {
        let parameters = event.httpParameters
        let addsToBody = !connection.invocation("BodyParameters").isEmpty
        var body: JSONValue?
        if addsToBody || !["GET", "HEAD"].contains(destination.method) { body = HTTPTaskRequest.body(event.input, asJSON: addsToBody) }
        self.init(
            method: destination.method,
            endpoint: try HTTPTaskRequest.filled(
                destination.endpoint, parameters?["PathParameterValues"]?.array?.compactMap(\.text) ?? []),
            connectionARN: destination.connectionARN,
            headers: try HTTPTaskRequest.headers(parameters?["HeaderParameters"]),
            query: HTTPTaskRequest.fields(parameters?["QueryStringParameters"]),
            body: body,
            encoding: addsToBody ? .json : .text("application/json; charset=utf-8"))
        try merge(connection)
        setHeader("User-Agent", "Amazon/EventBridge/ApiDestinations")
        setHeader("Range", "bytes=0-1048575")
        if let content = try content(), !hasHeader("Content-Type") { setHeader("Content-Type", content.type) }
    }

    private static func body(_ input: String, asJSON: Bool) -> JSONValue {
        guard asJSON, let value = try? JSONParser.parse(input) else { return .text(input) }
        return value
    }

    /// The endpoint with a value in place of each `*`, in their order.
    private static func filled(_ endpoint: String, _ values: [String]) throws(Fault) -> String {
        var filled = ""
        var values = values[...]
        for character in endpoint {
            guard character == "*" else {
                filled.append(character)
                continue
            }
            guard let value = values.popFirst() else {
                throw Fault(reason: "The endpoint has more path parameters than the target has PathParameterValues.")
            }
            filled += FormEncoding.escape(value)
        }
        return filled
    }

    private static func headers(_ value: JSONValue?) throws(Fault) -> [Field] {
        let headers = fields(value).filter { !hopHeaders.contains($0.name.lowercased()) }
        for header in headers where !isHeader(header) { throw Fault(reason: "The header '\(header.name)' is malformed.") }
        return headers
    }

    private static func fields(_ value: JSONValue?) -> [Field] {
        (value?.object?.members ?? []).map { Field(name: $0.key.text, value: FormEncoding.plain($0.value)) }
    }
}
