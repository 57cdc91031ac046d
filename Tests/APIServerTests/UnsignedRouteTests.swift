import AWSProtocols
import Testing

@testable import APIServer

@Suite struct UnsignedRouteTests {
    @Test func healthTellsWhetherTheServerServes() async throws {
        var server = ServerHarness()
        let ready = try await server.send("GET", "/health")
        #expect(ready.status == 200 && ready.body == #"{"status":"ok"}"#)
        #expect(ready.header("content-type") == "application/json")
        let head = try await server.send("HEAD", "/health")
        #expect(head.status == 200 && head.body.isEmpty)
        server.isReady = false
        #expect(try await server.send("GET", "/health").status == 503)
        #expect(try await server.send("POST", "/health").status == 405)
    }

    @Test func routesAreFoundByMethodAndPath() async throws {
        var server = ServerHarness()
        server.unsignedRoutes = [
            UnsignedRoute(method: "POST", path: .exact("/agent/v1/hello")) { request in
                let body = try await request.body.collect(limit: 8)
                return UnsignedResponse(status: 201, headers: [("X-Endpoint", request.endpoint)], body: .bytes(body))
            },
            UnsignedRoute(method: nil, path: .prefix("/agent/")) { request in
                throw APIError("ThingNotFound", request.head.path, httpStatus: 404)
            },
        ]
        let hello = try await server.send("POST", "/agent/v1/hello?x=1", body: Array("hi".utf8))
        #expect(hello.status == 201 && hello.body == "hi" && hello.header("x-endpoint") == "http://nightshift:7070")
        let large = try await server.send("POST", "/agent/v1/hello", body: Array("hello world".utf8))
        #expect(large.status == 413)
        let other = try await server.send("DELETE", "/agent/other")
        #expect(other.status == 404 && other.body == #"{"message":"/agent/other"}"#)
        #expect(try await server.send("GET", "/v1/nowhere").status == 404)
        #expect(try await server.send("OPTIONS", "/v1/nowhere").status == 404)
    }
}
