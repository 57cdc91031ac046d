import NIOCore
import NIOEmbedded
import NIOHTTP1
import Synchronization
import Testing

@testable import FunctionRuntimes

@Suite struct RuntimeAPITests {
    private func head(_ method: HTTPMethod, _ path: String, _ headers: HTTPHeaders = [:]) -> HTTPRequestHead {
        HTTPRequestHead(version: .http1_1, method: method, uri: "/2018-06-01/runtime/" + path, headers: headers)
    }

    @Test func pathsAreRead() {
        #expect(RuntimeAPIRequest.read(head(.GET, "invocation/next"), body: []) == .success(.next))
        #expect(
            RuntimeAPIRequest.read(head(.POST, "invocation/r-1/response"), body: [1])
                == .success(.response(requestID: "r-1", payload: [1])))
        let type: HTTPHeaders = ["lambda-runtime-function-error-type": "ValueError"]
        #expect(
            RuntimeAPIRequest.read(head(.POST, "invocation/r-1/error", type), body: [1])
                == .success(.error(requestID: "r-1", type: "ValueError", payload: [1])))
        #expect(
            RuntimeAPIRequest.read(head(.POST, "init/error", type), body: []) == .success(.initError(type: "ValueError", payload: [])))
        #expect(
            RuntimeAPIRequest.read(head(.POST, "invocation/r-1/response"), body: nil) == .success(.oversizedResponse(requestID: "r-1")))
    }

    @Test(arguments: [
        (HTTPMethod.POST, "invocation/next", RuntimeAPIResponse.Refusal.wrongMethod), (.GET, "invocation/r/response", .wrongMethod),
        (.GET, "init/error", .wrongMethod), (.GET, "invocation", .unknownPath), (.GET, "restore/next", .unknownPath),
        (.POST, "invocation/r/answer", .unknownPath),
    ])
    func otherRequestsAreRefused(method: HTTPMethod, path: String, refusal: RuntimeAPIResponse.Refusal) {
        #expect(RuntimeAPIRequest.read(head(method, path), body: []) == .failure(refusal))
    }

    @Test func anEventHasEveryHeaderOfAWS() {
        let response = RuntimeAPIResponse.event(
            FunctionInvocation(requestID: "r-1", payload: [123, 125], clientContext: "{\n\"a\":1}"),
            functionARN: "arn:f", traceID: "Root=1", deadline: 1_700_000_000_123)
        #expect(response.headers.first(name: "Content-Type") == "application/json")
        #expect(response.headers.first(name: "Lambda-Runtime-Aws-Request-Id") == "r-1")
        #expect(response.headers.first(name: "Lambda-Runtime-Deadline-Ms") == "1700000000123")
        #expect(response.headers.first(name: "Lambda-Runtime-Invoked-Function-Arn") == "arn:f")
        #expect(response.headers.first(name: "Lambda-Runtime-Trace-Id") == "Root=1")
        #expect(response.headers.first(name: "Lambda-Runtime-Client-Context") == "{\"a\":1}")
        #expect(response.body == [123, 125])
    }

    @Test func anOversizedBodyIsReadToItsEndAndDropped() throws {
        let events = Mutex<[RuntimeAPIRequest]>([])
        let channel = EmbeddedChannel(
            handler: RuntimeAPIHandler { event in
                if case .request(let request, let reply) = event {
                    events.withLock { $0.append(request) }
                    reply.send(.refused(.tooLarge))
                }
            })
        let block = ByteBuffer(repeating: 32, count: 1_048_576)
        try channel.writeInbound(HTTPServerRequestPart.head(head(.POST, "invocation/r-1/response")))
        for _ in 0..<7 { try channel.writeInbound(HTTPServerRequestPart.body(block)) }
        #expect(events.withLock { $0.isEmpty })
        try channel.writeInbound(HTTPServerRequestPart.end(nil))
        #expect(events.withLock { $0.first } == .oversizedResponse(requestID: "r-1"))
        guard case .head(let head)? = try channel.readOutbound(as: HTTPServerResponsePart.self) else {
            Issue.record("no answer")
            return
        }
        #expect(head.status == .payloadTooLarge)
        #expect(head.headers.first(name: "Content-Length") != nil)
        _ = try channel.finish(acceptAlreadyClosed: true)
    }

    @Test func aLostConnectionIsToldOnce() throws {
        let lost = Mutex(0)
        let channel = EmbeddedChannel(
            handler: RuntimeAPIHandler { event in
                if case .lost = event { lost.withLock { $0 += 1 } }
            })
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        try channel.writeInbound(HTTPServerRequestPart.head(head(.GET, "invocation/next")))
        try channel.writeInbound(HTTPServerRequestPart.end(nil))
        try channel.close().wait()
        #expect(lost.withLock { $0 } == 1)
    }
}
