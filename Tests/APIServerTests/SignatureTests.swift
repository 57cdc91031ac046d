import Testing

@testable import APIServer

@Suite struct SignatureTests {
    private let server = ServerHarness()
    private let target = [("x-amz-target", "AWSStepFunctions.StartExecution"), ("content-type", "application/x-amz-json-1.0")]
    private let form = [("content-type", "application/x-www-form-urlencoded")]

    @Test func anUnsignedRequestIsRefusedInItsProtocol() async throws {
        let json = try await server.send("POST", "/", headers: target, body: Array("{}".utf8))
        #expect(json.status == 400 && json.body.contains("MissingAuthenticationTokenException"))
        let query = try await server.send("POST", "/", headers: form, body: Array("Action=Publish".utf8))
        #expect(query.status == 403 && query.body.contains("<Code>MissingAuthenticationToken</Code>"))
        let rest = try await server.send("GET", "/2015-03-31/functions")
        #expect(rest.status == 403 && rest.header("x-amzn-errortype") == "MissingAuthenticationTokenException")
    }

    @Test func aWrongKeyOrSignatureIsRefused() async throws {
        let key = try await server.call("states", headers: target, body: "{}", key: "AKIAOTHER")
        #expect(key.status == 400 && key.body.contains("UnrecognizedClientException"))
        let secret = try await server.call("states", headers: target, body: "{}", secret: "other")
        #expect(secret.status == 400 && secret.body.contains("InvalidSignatureException"))
        let body = try await server.call("states", headers: target, body: "{}", signedBody: "[]")
        #expect(body.body.contains("InvalidSignatureException"))
        let query = try await server.call("sns", headers: form, body: "Action=Publish", secret: "other")
        #expect(query.status == 403 && query.body.contains("<Code>SignatureDoesNotMatch</Code>"))
    }

    @Test func aSkewedClockOrAnotherScopeIsRefused() async throws {
        let early = try await server.call("states", headers: target, body: "{}", signedAfter: .seconds(-301))
        #expect(early.body.contains("InvalidSignatureException") && early.body.contains("Signature expired"))
        let late = try await server.call("states", headers: target, body: "{}", signedAfter: .seconds(301))
        #expect(late.body.contains("Signature not yet current"))
        let region = try await server.call("states", headers: target, body: "{}", region: "eu-west-1")
        #expect(region.body.contains("Credential should be scoped to a valid region"))
        let service = try await server.call("sqs", headers: target, body: "{}")
        #expect(service.body.contains("Credential should be scoped to correct service"))
    }

    @Test func strangersLearnNothingOfOperations() async throws {
        let answer = try await server.call(
            "states", headers: [("x-amz-target", "AWSStepFunctions.Fly")], body: "{}", secret: "other")
        #expect(answer.body.contains("InvalidSignatureException"))
    }

    @Test func aLinkInAMailNeedsNoSignature() async throws {
        let good = try await server.send("GET", "/?Action=ConfirmSubscription&TopicArn=t&Token=good")
        #expect(good.status == 200 && good.body.contains("confirmed by anonymous"))
        let bad = try await server.send("GET", "/?Action=ConfirmSubscription&TopicArn=t&Token=bad")
        #expect(bad.status == 400 && bad.body.contains("<Code>InvalidParameter</Code>"))
        let other = try await server.send("GET", "/?Action=Publish&TopicArn=t&Message=x")
        #expect(other.status == 403 && other.body.contains("MissingAuthenticationToken"))
    }
}
