import AWSProtocols
import Engine
import JSONCore
import Store
import Testing
import TimeSource

@testable import Integrations
@testable import Services

/// Requests to API destinations: what they look like, when they are sent, and what an answer means.
@Suite("API destinations") struct ApiDestinationTests {
    private static func destination(_ endpoint: String, method: String = "POST") -> ApiDestinationRecord {
        ApiDestinationRecord(
            account: "1", name: "d", id: "i", description: nil, connectionARN: "c", endpoint: endpoint, method: method, rateLimit: nil,
            createdAt: .epoch, modifiedAt: .epoch)
    }

    private static func event(_ input: String, http: JSONValue? = nil) -> RuleTargetDelivery {
        RuleTargetDelivery(
            ruleARN: "rule", targetID: "t", eventID: "e", targetARN: "arn", input: input, httpParameters: http)
    }

    /// A connection of these `InvocationHttpParameters`.
    private static func connection(_ invocation: APIStructure = [:]) -> ConnectionParameters {
        ConnectionParameters(
            type: .apiKey, members: [
                "ApiKeyAuthParameters": ["ApiKeyName": "X-Key", "ApiKeyValue": "v"], "InvocationHttpParameters": .structure(invocation),
            ])
    }

    @Test("Path parameters fill the endpoint in order, escaped; too few are a fault")
    func path() throws {
        let request = try HTTPTaskRequest(
            Self.event("{}", http: ["PathParameterValues": ["a/b", "c d"]]), to: Self.destination("https://x/*/y/*"),
            Self.connection())
        #expect(request.url == "https://x/a%2Fb/y/c%20d")
        #expect(throws: HTTPTaskRequest.Fault.self) {
            try HTTPTaskRequest(Self.event("{}"), to: Self.destination("https://x/*"), Self.connection())
        }
    }

    @Test("The body is the input as it is, numbers and spaces too, unless the connection adds to it")
    func body() throws {
        let input = #"{ "a": 1.50 }"#
        let plain = try HTTPTaskRequest(Self.event(input), to: Self.destination("https://x"), Self.connection())
        #expect(String(decoding: try #require(try plain.content()).bytes, as: UTF8.self) == input)
        let added = try HTTPTaskRequest(
            Self.event(#"{"a":1}"#), to: Self.destination("https://x"),
            Self.connection(["BodyParameters": [["Key": "t", "Value": "v"]]]))
        #expect(String(decoding: try #require(try added.content()).bytes, as: UTF8.self) == #"{"a":1,"t":"v"}"#)
        let got = try HTTPTaskRequest(Self.event(input), to: Self.destination("https://x", method: "GET"), Self.connection())
        #expect(try got.content() == nil)
    }

    @Test("The connection's parameters are laid over the target's; headers of the hop are nobody's")
    func parameters() throws {
        let request = try HTTPTaskRequest(
            Self.event(
                "{}",
                http: [
                    "HeaderParameters": ["X-A": "target", "Host": "evil", "Content-Type": "application/cloudevents+json"],
                    "QueryStringParameters": ["q": "target"],
                ]), to: Self.destination("https://x"),
            Self.connection([
                "HeaderParameters": [["Key": "x-a", "Value": "connection"]], "QueryStringParameters": [["Key": "q", "Value": "connection"]],
            ]))
        #expect(request.url == "https://x?q=connection")
        let headers = Dictionary(request.headers.map { ($0.name.lowercased(), $0.value) }, uniquingKeysWith: { $1 })
        #expect(headers["x-a"] == "connection")
        #expect(headers["host"] == nil)
        #expect(headers["content-type"] == "application/cloudevents+json")
        #expect(headers["user-agent"] == "Amazon/EventBridge/ApiDestinations")
    }

    @Test(
        "Which answers are tried again, and when",
        arguments: [
            (429, nil, true, nil), (409, nil, true, nil), (500, nil, true, nil), (503, "7", true, Duration.seconds(7)),
            (429, "Fri, 20 Nov 2026 22:00:30 GMT", true, .seconds(30)), (429, "-1", false, .seconds(-1)), (400, "7", false, nil),
            (404, nil, false, nil), (401, nil, false, nil), (302, nil, false, nil), (503, "soon", true, nil),
        ] as [(Int, String?, Bool, Duration?)])
    func answers(status: Int, retryAfter: String?, isTransient: Bool, pause: Duration?) {
        // 2026-11-20T22:00:00Z
        let failure = RuleTargetFailure(status: status, retryAfter: retryAfter, now: Timestamp(milliseconds: 1_795_212_000_000))
        #expect(failure.isTransient == isTransient)
        #expect(failure.pause == pause)
    }

    // MARK: The rate

    @Test("Deliveries get their turns one interval apart, and keep their places")
    func turns() {
        let pacer = RequestPacer()
        let start = MonotonicInstant(nanoseconds: 0)
        func wait(_ id: String, _ at: MonotonicInstant, for destination: String = "d") -> Duration {
            pacer.wait(id, for: destination, perSecond: 2, now: at)
        }
        #expect(wait("a", start) == .zero)
        #expect(wait("b", start) == .milliseconds(500))
        #expect(wait("c", start) == .seconds(1))
        #expect(wait("x", start, for: "other") == .zero)
        // Who comes early keeps the place; who comes in time has it.
        #expect(wait("c", start + .milliseconds(600)) == .milliseconds(400))
        #expect(wait("b", start + .milliseconds(600)) == .zero)
        #expect(wait("c", start + .seconds(1)) == .zero)
        #expect(wait("d", start + .seconds(1)) == .milliseconds(500))
        #expect(wait("e", start + .seconds(60)) == .zero)
    }
}
