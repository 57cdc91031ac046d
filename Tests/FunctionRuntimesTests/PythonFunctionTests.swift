import FoundationEssentials
import Testing
import TimeSource

@testable import FunctionRuntimes

/// The interpreter with awslambdaric and boto3 that these tests need: `make test` sets it.
private let interpreter = ProcessInfo.processInfo.environment["NIGHTSHIFT_TEST_PYTHON"]

/// Real Python functions under AWS's own Runtime Interface Client.
@Suite(.enabled(if: interpreter != nil, "NIGHTSHIFT_TEST_PYTHON names no interpreter with awslambdaric and boto3"))
struct PythonFunctionTests {
    private func run(
        _ code: String, adjust: (inout FunctionSpecification) -> Void = { _ in },
        _ body: (TestPool, FunctionSpecification) async throws -> Void
    )
        async throws
    {
        try await TestPool.run(adjust: { ($0.python, $0.initLimit) = (interpreter ?? "", .seconds(60)) }) { test in
            var function = try test.function("index.py", code, runtime: "python3.12", mode: 0o644)
            function.memorySize = 256
            // Python comes up slowly on a machine that does much else.
            function.timeout = .seconds(60)
            adjust(&function)
            try await body(test, function)
        }
    }

    @Test func anEventIsAnswered() async throws {
        try await run("def handler(event, context):\n    print('seen', context.aws_request_id)\n    return {'twice': event['n'] * 2}\n") {
            test, function in
            let result = await test.invoke(function, #"{"n": 21}"#, id: "abc")
            #expect(result.text == #"{"twice": 42}"#)
            #expect(result.tail.contains("START RequestId: abc Version: $LATEST\nseen abc\nEND RequestId: abc\n"))
            #expect(await test.invoke(function, #"{"n": 1}"#).text == #"{"twice": 2}"#)
            #expect(test.issued.value == 1)
        }
    }

    @Test func anExceptionIsAnErrorWithItsTrace() async throws {
        try await run("def handler(event, context):\n    raise ValueError('no such thing')\n") { test, function in
            let result = await test.invoke(function, "{}", id: "abc")
            #expect(result.outcome.functionError == .unhandled)
            for part in [#""errorMessage": "no such thing""#, #""errorType": "ValueError""#, #""requestId": "abc""#, "index.py"] {
                #expect(result.text.contains(part))
            }
            let trace = try #require(test.log.messages.first { $0.hasPrefix("[ERROR] ValueError: no such thing\n") })
            #expect(trace.contains("Traceback (most recent call last):\n"), "the trace is one message")
            #expect(await test.invoke(function, "{}").outcome.functionError == .unhandled)
            #expect(test.issued.value == 1, "an exception does not end the process")
        }
    }

    @Test(arguments: [
        ("import nothing_like_it\ndef handler(event, context): pass\n", "Runtime.ImportModuleError"),
        ("def handler(event, context)\n", "Runtime.UserCodeSyntaxError"), ("x = 1\n", "Runtime.HandlerNotFound"),
    ])
    func codeThatCannotBeLoadedIsAnErrorOfTheFunction(code: String, type: String) async throws {
        try await run(code) { test, function in
            let result = await test.invoke(function, "{}")
            #expect(result.text.contains(type))
            #expect(result.outcome.functionError == .unhandled)
            #expect(result.report?.failure == .error(type: type))
        }
    }

    @Test func boto3ComesUpWithEndpointRegionAndCredentials() async throws {
        let code = """
            import boto3, os
            ec2 = boto3.resource('ec2')
            def handler(event, context):
                client = boto3.client('ssm')
                key = boto3.Session().get_credentials()
                return [client.meta.endpoint_url, client.meta.region_name, key.access_key, key.token, ec2.meta.client.meta.endpoint_url]
            """
        try await run(code) { test, function in
            let result = await test.invoke(function, "{}")
            #expect(result.text == #"["http://127.0.0.1:7070", "us-east-1", "ASIA1", "t", "http://127.0.0.1:7070"]"#)
        }
    }

    @Test func sysExitEndsTheProcess() async throws {
        try await run("import sys\ndef handler(event, context):\n    sys.exit(1)\n") { test, function in
            let result = await test.invoke(function, "{}", id: "abc")
            #expect(result.text.contains("RequestId: abc Error: Runtime exited with error: exit status 1"))
            #expect(result.text.contains("Runtime.ExitError"))
        }
    }

    @Test func anAnswerAboveTheLimitIsAnErrorAndTheFunctionGoesOn() async throws {
        try await run("def handler(event, context):\n    return 'x' * event\n") { test, function in
            #expect(await test.invoke(function, "7000000").text.contains("Function.ResponseSizeTooLarge"))
            #expect(await test.invoke(function, "1").text == #""x""#)
        }
    }
}

/// What is said when Python functions cannot run.
@Suite struct PythonInterpreterTests {
    @Test func aMissingClientIsNamedWithTheRemedy() async throws {
        try await TestPool.run { test in
            // An interpreter that answers as Python without the package does.
            let function = try test.function("python", "#!/bin/sh\nexit 3\n", runtime: "python3.12")
            try await TestPool.run(adjust: { $0.python = function.codeDirectory + "/python" }) { test in
                let result = await test.invoke(function, "{}")
                guard case .unavailable(let message) = result.outcome else {
                    Issue.record("\(result.outcome)")
                    return
                }
                #expect(message.contains("lacks the package awslambdaric") && message.contains("-m pip install awslambdaric"))
                #expect(await test.pool.pythonProblem() == message)
            }
        }
    }

    @Test func aMissingInterpreterIsNamedWithTheRemedy() async throws {
        try await TestPool.run(adjust: { $0.python = "no-such-python" }) { test in
            #expect(await test.pool.pythonProblem()?.contains("'no-such-python' was not found") == true)
        }
    }
}
