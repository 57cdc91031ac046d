import AWSProtocols
import Testing

@testable import APIServer

@Suite struct OperationTests {
    private let server = ServerHarness()
    private let machine = "arn:aws:states:us-east-1:000000000000:stateMachine:m"

    @Test func aJSONOperationIsAnswered() async throws {
        let answer = try await server.call(target: "AWSStepFunctions.StartExecution", #"{"stateMachineArn":"\#(machine)"}"#)
        #expect(answer.status == 200)
        #expect(answer.body == #"{"executionArn":"\#(machine):000000000000:admin","startDate":1800000000}"#)
        #expect(answer.header("content-length") == String(answer.body.utf8.count))
        #expect(answer.header("content-type") == "application/x-amz-json-1.0")
        #expect(answer.header("x-amzn-requestid")?.count == 36)
    }

    @Test func aQueryOperationIsAnswered() async throws {
        let answer = try await server.call(
            "sns", headers: [("content-type", "application/x-www-form-urlencoded; charset=utf-8")],
            body: "Action=Publish&Version=2010-03-31&Message=hello&TopicArn=t")
        #expect(answer.status == 200)
        #expect(answer.body.contains("<PublishResult><MessageId>m-1</MessageId></PublishResult>"))
    }

    @Test func aRESTOperationIsAnswered() async throws {
        let answer = try await server.call("lambda", "POST", "/2015-03-31/functions/check/invocations", body: "{\"a\":1}")
        #expect(answer.status == 200 && answer.body == "{\"a\":1}")
    }

    @Test func anErrorOfTheHandlerIsToldInTheProtocol() async throws {
        let answer = try await server.call(target: "AWSStepFunctions.StartExecution", #"{"stateMachineArn":"x"}"#)
        #expect(answer.status == 400)
        #expect(answer.body == #"{"__type":"InvalidArn","message":"Invalid Arn: 'Invalid ARN prefix: x'"}"#)
    }

    @Test func theModelIsCheckedBeforeTheHandler() async throws {
        let answer = try await server.call(target: "AWSStepFunctions.StartExecution", "{}")
        #expect(answer.status == 400)
        #expect(
            answer.body
                == #"{"__type":"ValidationException","message":"1 validation error detected: Value null at 'stateMachineArn' failed to satisfy constraint: Member must not be null"}"#
        )
    }

    @Test func aDefectIsAnInternalFailure() async throws {
        let answer = try await server.call(target: "AWSStepFunctions.ListStateMachines", "{}")
        #expect(answer.status == 500 && answer.body.contains("InternalFailure"))
    }

    @Test(arguments: [
        ("AWSStepFunctions.Fly", "states", 400, "UnknownOperationException"),
        ("NoSuchService.Fly", "states", 400, "UnknownOperationException"),
        ("AWSStepFunctions.DescribeMapRun", "states", 501, "UnsupportedOperation"),
    ])
    func whatIsNotServedIsToldApart(target: String, service: String, status: Int, code: String) async throws {
        let answer = try await server.call(target: target, "{}", service: service)
        #expect(answer.status == status && answer.body.contains(code), "\(answer.body)")
    }

    @Test func anUnknownActionIsInvalid() async throws {
        let form = [("content-type", "application/x-www-form-urlencoded")]
        let unknown = try await server.call("sns", headers: form, body: "Action=Fly")
        #expect(unknown.status == 400 && unknown.body.contains("<Code>InvalidAction</Code>"))
        let missing = try await server.call("sns", headers: form, body: "Version=1")
        #expect(missing.status == 400 && missing.body.contains("<Code>MissingAction</Code>"))
    }

    @Test func anUnknownPathOfLambdaIsNotFound() async throws {
        let answer = try await server.call("lambda", "GET", "/2015-03-31/nothing")
        #expect(answer.status == 404 && answer.header("x-amzn-errortype") == "UnknownOperationException")
    }

    @Test func aBodyThatIsTooLargeIsRefusedUnread() async throws {
        let answer = try await server.call(
            "states", headers: [("x-amz-target", "AWSStepFunctions.StartExecution"), ("content-length", "5000000")])
        #expect(answer.status == 413 && answer.body.contains("RequestEntityTooLargeException"))
    }

    @Test func aUsedUpBudgetAsksToTryAgain() async throws {
        var server = server
        server.configuration.unverifiedBodyBudget = 10
        let answer = try await server.call(target: "AWSStepFunctions.StartExecution", #"{"stateMachineArn":"x"}"#)
        #expect(answer.status == 503 && answer.header("retry-after") == "1")
    }

    @Test func requestsUnderWayHaveABudgetOfTheirOwn() async throws {
        var server = server
        server.configuration.bodyBudget = 10
        let answer = try await server.call(target: "AWSStepFunctions.StartExecution", #"{"stateMachineArn":"x"}"#)
        #expect(answer.status == 503 && answer.header("retry-after") == "1" && answer.body.contains("Too many requests"))
    }
}
