import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import RequestSigning
import TimeSource

/// Sends commands by the public API at a steady rate, each to one node.
struct CommandSender: Sendable {
    private let client: HTTPClient
    private let options: FleetOptions
    private let signer: RequestSigner
    private let clock: any ClockSource

    init(_ options: FleetOptions, group: any EventLoopGroup, clock: any ClockSource) {
        var settings = HTTPClient.Configuration(timeout: .init(connect: .seconds(5)))
        settings.httpVersion = .http1Only
        settings.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
        client = HTTPClient(eventLoopGroupProvider: .shared(group), configuration: settings)
        self.options = options
        self.clock = clock
        signer = RequestSigner(
            credentials: .init(accessKeyID: options.accessKey, secretAccessKey: options.secretKey), region: options.region, service: "ssm")
    }

    /// Closes the connections.
    func shutdown() async { try? await client.shutdown() }

    /// Sends `count` commands, `rate` a second whatever comes back; returns how many were refused, and by how much the latest one was late.
    func send(count: Int, rate: Double, to nodes: [String], state: FleetState) async throws -> (refused: Int, late: Duration) {
        let began = clock.monotonic
        return try await withThrowingTaskGroup(of: Bool.self) { group in
            var late = Duration.zero
            for number in 0..<count {
                let due = began + .nanoseconds(Int64(Double(number) / rate * 1e9))
                try await clock.sleep(until: due)
                late = max(late, clock.monotonic - due)
                group.addTask { try await send(number, to: nodes[number % nodes.count], state: state) }
            }
            var refused = 0
            for try await isTaken in group where !isTaken { refused += 1 }
            return (refused, late)
        }
    }

    private func send(_ number: Int, to node: String, state: FleetState) async throws -> Bool {
        let body = Array(
            #"{"DocumentName":"AWS-RunShellScript","InstanceIds":["\#(node)"],"Parameters":{"commands":["\#(number)"]}}"#.utf8)
        let host = options.server.split(separator: "/").last.map(String.init) ?? ""
        let headers = [
            SignableRequest.Header("Host", host), .init("Content-Type", "application/x-amz-json-1.1"),
            .init("X-Amz-Target", "AmazonSSM.SendCommand"),
        ]
        let signed = signer.headers(
            signing: SignableRequest(method: "POST", target: "/", headers: headers), body: PayloadDigest(of: body), at: clock.now)
        var request = HTTPClientRequest(url: options.server + "/")
        request.method = .POST
        for header in headers + signed { request.headers.add(name: header.name, value: header.value) }
        request.body = .bytes(ByteBuffer(bytes: body))
        state.noteSending(number, at: clock.monotonic)
        let response = try await client.execute(request, timeout: .seconds(60))
        _ = try await response.body.collect(upTo: 1 << 20)
        return response.status == .ok
    }
}
