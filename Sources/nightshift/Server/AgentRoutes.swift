import APIServer
import AWSProtocols
import AgentGateway

/// Carries agents' requests from the HTTP server to the conversation with them, and the answers back.
enum AgentRoutes {
    /// The routes below `/agent/v1/`.
    static func routes(_ conversation: AgentConversation) -> [UnsignedRoute] {
        [
            UnsignedRoute(method: nil, path: .prefix("/agent/v1/")) { request in
                response(await conversation.answer(gatewayRequest(request)))
            }
        ]
    }

    private static func gatewayRequest(_ request: UnsignedRequest) -> GatewayRequest {
        let head = request.head
        return GatewayRequest(
            method: head.method, path: head.path, target: head.query.isEmpty ? head.path : head.path + "?" + head.query,
            header: { head.header($0) },
            body: { limit in
                // The server watches the connection through an unread body: a stream of work must not touch it.
                guard limit > 0 else { return [] }
                do {
                    return try await request.body.collect(limit: limit)
                } catch let error as APIError where error.httpStatus == 413 {
                    throw BodyTooLarge()
                }
            }, remoteAddress: request.remoteAddress)
    }

    private static func response(_ answer: GatewayAnswer) -> UnsignedResponse {
        switch answer {
        case .message(let status, let body):
            UnsignedResponse(status: status, headers: [("Content-Type", "application/json")], body: .bytes(body))
        case .content(let bytes, let headers):
            UnsignedResponse(
                status: 200, headers: [("Content-Type", "application/octet-stream"), ("Cache-Control", "no-store")] + headers,
                body: .bytes(bytes))
        case .work(let work):
            UnsignedResponse(
                status: 200, headers: [("Content-Type", "application/x-ndjson"), ("Cache-Control", "no-store")],
                body: .stream { stream in try await work.run { try await stream.write($0) } })
        }
    }
}
