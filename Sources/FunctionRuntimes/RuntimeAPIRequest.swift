import JSONCore
import NIOHTTP1

/// What a process asks its Runtime API ("Using the Lambda runtime API for custom runtimes", version 2018-06-01).
enum RuntimeAPIRequest: Equatable, Sendable {
    /// `GET …/invocation/next`: the next event, please.
    case next
    /// `POST …/invocation/ID/response`: the function's answer.
    case response(requestID: String, payload: [UInt8])
    /// The same with a payload above the limit; its bytes were dropped.
    case oversizedResponse(requestID: String)
    /// `POST …/invocation/ID/error`: the function failed.
    case error(requestID: String, type: String?, payload: [UInt8])
    /// `POST …/init/error`: the process cannot start.
    case initError(type: String?, payload: [UInt8])

    /// The 6 MB that a synchronous answer may have, with the little that AWS adds.
    static let maximumPayload = 6_291_556
    /// The header with the error's type.
    static let errorTypeHeader = "Lambda-Runtime-Function-Error-Type"

    /// The request that a head and a body make, or the answer to give instead. `body` is nil when it was longer than `maximumPayload`.
    static func read(_ head: HTTPRequestHead, body: [UInt8]?) -> Result<RuntimeAPIRequest, RuntimeAPIResponse.Refusal> {
        let parts = head.uri.prefix { $0 != "?" }.split(separator: "/", omittingEmptySubsequences: true)
        guard parts.count >= 4, parts[0] == "2018-06-01", parts[1] == "runtime" else { return .failure(.unknownPath) }
        let errorType = head.headers.first(name: errorTypeHeader)
        switch (String(parts[2]), parts.count) {
        case ("invocation", 4) where parts[3] == "next":
            return head.method == .GET ? .success(.next) : .failure(.wrongMethod)
        case ("invocation", 5) where parts[4] == "response":
            guard head.method == .POST else { return .failure(.wrongMethod) }
            let requestID = String(parts[3])
            return .success(body.map { .response(requestID: requestID, payload: $0) } ?? .oversizedResponse(requestID: requestID))
        case ("invocation", 5) where parts[4] == "error":
            guard head.method == .POST else { return .failure(.wrongMethod) }
            guard let body else { return .failure(.tooLarge) }
            return .success(.error(requestID: String(parts[3]), type: errorType, payload: body))
        case ("init", 4) where parts[3] == "error":
            guard head.method == .POST else { return .failure(.wrongMethod) }
            guard let body else { return .failure(.tooLarge) }
            return .success(.initError(type: errorType, payload: body))
        default: return .failure(.unknownPath)
        }
    }
}

/// What the Runtime API answers.
struct RuntimeAPIResponse: Sendable, Equatable {
    /// Reasons to refuse a request, with the status and error type that AWS documents for it.
    enum Refusal: Error, Equatable {
        case unknownPath, wrongMethod, unknownRequestID, wrongState, tooLarge
    }

    /// The HTTP status.
    var status: HTTPResponseStatus
    /// Headers besides Content-Length; always a Content-Type, without which Python's Runtime Interface Client crashes.
    var headers: HTTPHeaders
    /// The body.
    var body: [UInt8]

    /// The answer to an accepted post.
    static let accepted = RuntimeAPIResponse(status: .accepted, headers: jsonHeaders, body: Array("{\"status\":\"OK\"}\n".utf8))

    /// The answer to a refused request.
    static func refused(_ refusal: Refusal) -> RuntimeAPIResponse {
        let (status, type, message): (HTTPResponseStatus, String, String) =
            switch refusal {
            case .unknownPath: (.notFound, "NotFound", "There is no such path in the Runtime API")
            case .wrongMethod: (.methodNotAllowed, "MethodNotAllowed", "The path takes another method")
            case .unknownRequestID: (.badRequest, "InvalidRequestID", "Invalid request ID")
            case .wrongState: (.forbidden, "InvalidStateTransition", "Transition from the current state is not allowed")
            case .tooLarge:
                (
                    .payloadTooLarge, "RequestEntityTooLarge",
                    "Exceeded maximum allowed payload size (\(RuntimeAPIRequest.maximumPayload) bytes)."
                )
            }
        let body = JSONWriter.bytes(of: ["errorMessage": .text(message), "errorType": .text(type)])
        return RuntimeAPIResponse(status: status, headers: jsonHeaders, body: body)
    }

    /// The answer to `next`: an event with all the headers that AWS sends.
    static func event(_ invocation: FunctionInvocation, functionARN: String, traceID: String, deadline: Int64) -> RuntimeAPIResponse {
        var headers = jsonHeaders
        headers.add(name: "Lambda-Runtime-Aws-Request-Id", value: invocation.requestID)
        headers.add(name: "Lambda-Runtime-Deadline-Ms", value: String(deadline))
        headers.add(name: "Lambda-Runtime-Invoked-Function-Arn", value: invocation.invokedARN ?? functionARN)
        headers.add(name: "Lambda-Runtime-Trace-Id", value: traceID)
        if let context = invocation.clientContext {
            // A header has no control characters; between JSON tokens they mean nothing, and inside they are escaped.
            let line = String(decoding: context.utf8.filter { $0 >= 0x20 && $0 != 0x7F }, as: UTF8.self)
            headers.add(name: "Lambda-Runtime-Client-Context", value: line)
        }
        return RuntimeAPIResponse(status: .ok, headers: headers, body: invocation.payload)
    }

    private static let jsonHeaders: HTTPHeaders = ["Content-Type": "application/json"]
}
