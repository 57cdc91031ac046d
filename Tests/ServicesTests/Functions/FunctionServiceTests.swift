import AWSProtocols
import DatabaseSQLite
import Engine
import FunctionRuntimes
import Services
import Store
import Testing

@Suite("Functions") struct FunctionServiceTests {
    @Test func aChangeIsSeenByTheNextInvocation() async throws {
        let story = try await FunctionStory()
        try await story.create("f", ["Environment": ["Variables": ["A": "1"]]])
        try await story.call("Invoke", ["FunctionName": "f"])
        try await story.call(
            "UpdateFunctionConfiguration", ["FunctionName": "f", "Timeout": 9, "Environment": ["Variables": ["A": "2"]]])
        try await story.call("Invoke", ["FunctionName": "f"])
        let specifications = story.runs.map(\.specification)
        #expect(specifications.map { $0.environment["A"] } == ["1", "2"])
        #expect(specifications.map(\.timeout) == [.seconds(3), .seconds(9)])
        #expect(specifications[0].revisionID != specifications[1].revisionID)
        #expect(story.retired == [FunctionStory.arn("f")])
    }

    @Test func theEnvironmentIsSealedInTheDatabase() async throws {
        let story = try await FunctionStory()
        try await story.create("f", ["Environment": ["Variables": ["PASSWORD": "open sesame"]]])
        let record = try await story.database.read { try FunctionStore.find(name: "f", account: FunctionStory.account, in: $0) }
        let sealed = try #require(record?.version.environment)
        #expect(!String(decoding: sealed, as: UTF8.self).contains("sesame"))
        #expect(
            try await story.call("GetFunctionConfiguration", ["FunctionName": "f"])["Environment"] == [
                "Variables": ["PASSWORD": "open sesame"]
            ])
    }

    @Test func reservedConcurrencyReachesThePoolWithoutANewRevision() async throws {
        let story = try await FunctionStory()
        try await story.create("f")
        try await story.call("Invoke", ["FunctionName": "f"])
        try await story.call("PutFunctionConcurrency", ["FunctionName": "f", "ReservedConcurrentExecutions": 5])
        try await story.call("Invoke", ["FunctionName": "f"])
        #expect(story.runs.map(\.specification.reservedConcurrency) == [nil, 5])
        #expect(Set(story.runs.map(\.specification.revisionID)).count == 1, "the warm processes stay")
    }

    @Test func changesSideBySideAreAllKept() async throws {
        let story = try await FunctionStory()
        try await story.create("f")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await story.call("UpdateFunctionConfiguration", ["FunctionName": "f", "Timeout": 9]) }
            group.addTask { try await story.call("UpdateFunctionConfiguration", ["FunctionName": "f", "MemorySize": 512]) }
            group.addTask { try await story.call("PutFunctionConcurrency", ["FunctionName": "f", "ReservedConcurrentExecutions": 2]) }
            try await group.waitForAll()
        }
        try await story.call("Invoke", ["FunctionName": "f"])
        let specification = try #require(story.runs.first?.specification)
        #expect((specification.timeout, specification.memorySize, specification.reservedConcurrency) == (.seconds(9), 512, 2))
    }

    @Test func theDirectoryIsTheSameAfterARestart() async throws {
        let story = try await FunctionStory()
        try await story.create("f", ["Tags": ["nightshift:idempotent": "true"]])
        #expect(story.directory.isIdempotent(FunctionStory.arn("f")))
        #expect(story.directory.isIdempotent(FunctionStory.arn("f") + ":1"))
        #expect(!story.directory.isIdempotent(FunctionStory.arn("g")))
        try await story.call("UntagResource", ["Resource": .string(FunctionStory.arn("f")), "TagKeys": ["nightshift:idempotent"]])
        #expect(!story.directory.isIdempotent(FunctionStory.arn("f")))
        try await story.call("TagResource", ["Resource": .string(FunctionStory.arn("f")), "Tags": ["nightshift:idempotent": "true"]])
        try await story.directory.load()
        #expect(story.directory.isIdempotent(FunctionStory.arn("f")))
        try await story.call("Invoke", ["FunctionName": "f"])
        #expect(story.runs.count == 1)
    }

    @Test func aDeletedFunctionIsNotIdempotentAnyMoreAndNotInvoked() async throws {
        let story = try await FunctionStory()
        try await story.create("f", ["Tags": ["nightshift:idempotent": "true"]])
        try await story.call("DeleteFunction", ["FunctionName": "f"])
        #expect(!story.directory.isIdempotent(FunctionStory.arn("f")))
        #expect(await story.error("Invoke", ["FunctionName": "f"])?.code == "ResourceNotFoundException")
        try await story.create("f")
        try await story.call("Invoke", ["FunctionName": "f"])
        #expect(story.runs.count == 1)
    }

    @Test func aPublishedVersionKeepsItsEnvironment() async throws {
        let story = try await FunctionStory()
        try await story.create("f", ["Publish": true, "Environment": ["Variables": ["A": "1"]]])
        try await story.call("UpdateFunctionConfiguration", ["FunctionName": "f", "Environment": ["Variables": ["A": "2"]]])
        try await story.call("Invoke", ["FunctionName": "f", "Qualifier": "1"])
        try await story.call("Invoke", ["FunctionName": "f:$LATEST"])
        #expect(story.runs.map { $0.specification.environment["A"] } == ["1", "2"])
        #expect(story.runs.map(\.specification.version) == ["1", "$LATEST"])
        #expect(story.runs.map(\.invocation.invokedARN) == [FunctionStory.arn("f:1"), FunctionStory.arn("f:$LATEST")])
    }

    @Test(arguments: [
        "f", "function:f", "000000000000:function:f", "arn:aws:lambda:us-east-1:000000000000:function:f",
        "arn:aws:lambda:us-east-1:000000000000:function:f:$LATEST",
    ]) func aFunctionIsFoundByEachFormOfItsName(_ name: String) async throws {
        let story = try await FunctionStory()
        try await story.create("f")
        #expect(try await story.call("GetFunctionConfiguration", ["FunctionName": .string(name)])["FunctionName"] == "f")
    }

    @Test(
        arguments: [
            ("arn:aws:lambda:eu-west-1:000000000000:function:f", nil, "ResourceNotFoundException"),
            ("arn:aws:lambda:us-east-1:111111111111:function:f", nil, "AccessDeniedException"),
            ("arn:aws:sns:us-east-1:000000000000:f:g:h", nil, "InvalidParameterValueException"),
            ("f:1", "2", "InvalidParameterValueException"), ("f:live", nil, "ResourceNotFoundException"),
            ("f", "7", "ResourceNotFoundException"),
        ] as [(String, String?, String)]) func otherNamesFindNothing(_ name: String, _ qualifier: String?, _ code: String) async throws
    {
        let story = try await FunctionStory()
        try await story.create("f")
        let error = await story.error("GetFunction", ["FunctionName": .string(name), "Qualifier": .optional(qualifier)])
        #expect(error?.code == code)
    }

    @Test(arguments: ["python3.8", "python3.13", "python3.99", "provided", "provided.al2", "provided.al2023"])
    func theseRuntimesAreTaken(_ runtime: String) async throws {
        #expect(try await FunctionStory().create("f", ["Runtime": .string(runtime)])["Runtime"] == .string(runtime))
    }

    @Test(arguments: ["python", "python3", "python3.", "python3.x", "python2.7", "nodejs22.x", "java21", "provided.al3"])
    func otherRuntimesAreRefused(_ runtime: String) async throws {
        let story = try await FunctionStory()
        await #expect(throws: APIError.self) { try await story.create("f", ["Runtime": .string(runtime)]) }
    }
}

@Suite("Events for functions") struct FunctionEventTests {
    @Test func anEventIsDurableUnderTheRequestsID() async throws {
        let story = try await FunctionStory()
        try await story.create("f")
        let input: APIStructure = ["FunctionName": "f", "InvocationType": "Event", "Payload": .blob(Array("{\"a\":1}".utf8))]
        #expect(try await story.call("Invoke", input, request: "the-request")["StatusCode"] == 202)
        let delivery = try #require(try await story.deliveries().first)
        #expect(delivery.id == "the-request")
        let stored = try #require(FunctionDelivery(encoded: delivery.body))
        #expect(stored.functionARN == FunctionStory.arn("f"))
        #expect(String(decoding: stored.payload, as: UTF8.self) == "{\"a\":1}")
        #expect(story.runs.isEmpty, "it runs when it is delivered")
    }

    @Test func aRepeatedRequestIsEnqueuedOnce() async throws {
        let story = try await FunctionStory()
        try await story.create("f")
        let input: APIStructure = ["FunctionName": "f", "InvocationType": "Event"]
        try await story.call("Invoke", input, request: "first", dedupeKey: "effect")
        try await story.call("Invoke", input, request: "second", dedupeKey: "effect")
        try await story.call("Invoke", input, request: "third", dedupeKey: "other effect")
        #expect(try await story.deliveries().map(\.id).sorted() == ["first", "third"])
    }

    @Test(
        arguments: [
            (.success(payload: []), .succeeded),
            (
                .functionError(.unhandled, payload: Array("{\"errorType\":\"E\",\"errorMessage\":\"secret\"}".utf8)),
                .failed(reason: "The function failed with E.")
            ),
            (.timedOut(payload: []), .failed(reason: "The function did not end in time.")),
            (.initError(payload: []), .failed(reason: "The function failed with an error without a type.")),
            (.throttled(.reservedConcurrency), .notStarted(reason: "ReservedFunctionConcurrentInvocationLimitExceeded")),
            (.unavailable(message: "no python"), .notStarted(reason: "no python")),
        ] as [(InvocationOutcome, FunctionInvocationOutcome)])
    func eachOutcomeOfThePoolDecidesTheDelivery(_ outcome: InvocationOutcome, _ expected: FunctionInvocationOutcome) async throws {
        let story = try await FunctionStory(outcome: outcome)
        try await story.create("f")
        let answer = await story.events.invokeForEvent(
            function: FunctionStory.arn("f"), account: FunctionStory.account, payload: [], requestID: "id")
        #expect(answer == expected)
        #expect(story.runs.first?.invocation.requestID == "id")
    }

    @Test func anEventForAFunctionThatIsGoneIsRefused() async throws {
        let story = try await FunctionStory()
        let answer = await story.events.invokeForEvent(
            function: FunctionStory.arn("f"), account: FunctionStory.account, payload: [], requestID: "id")
        #expect(answer == .refused(reason: "Function not found: \(FunctionStory.arn("f"))"))
        try await story.create("f")
        let foreign = await story.events.invokeForEvent(
            function: FunctionStory.arn("f"), account: "111111111111", payload: [], requestID: "id")
        #expect(foreign != .succeeded, "accounts are tenants")
    }
}
