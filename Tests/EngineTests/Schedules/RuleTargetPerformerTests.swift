import APIModels
import AWSProtocols
import Engine
import JSONCore
import Logging
import Services
import Store
import Synchronization
import Testing
import TimeSource

@testable import Integrations

/// How events reach the targets of rules: which operation is called with what, and what its answers mean.
struct RuleTargetPerformerTests {
    private static let machine = "arn:aws:states:us-east-1:000000000000:stateMachine:nightly"
    private static let topic = "arn:aws:sns:us-east-1:000000000000:alerts"
    private static let document = "arn:aws:ssm:us-east-1::document/AWS-RunShellScript"

    /// What an operation was called with.
    private struct Call: Sendable {
        let operation: String
        let input: APIStructure
        let context: RequestContext
    }

    private final class World: Sendable {
        let calls = Mutex<[Call]>([])
        let performer: RuleTargetPerformer
        let clock = ManualClock()

        init(answer: @escaping @Sendable (String) throws -> APIStructure) {
            let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
            let random = SeededRandomSource(seed: 1)
            performer = RuleTargetPerformer(
                catalogue: ModelCatalogue(), clock: clock, identifiers: IdentifierSource(clock: clock, random: random), random: random,
                region: "us-east-1", endpoint: "http://127.0.0.1:7070", logger: logger)
            var registry = OperationRegistry()
            for (service, operation) in [
                ("states", "StartExecution"), ("sns", "Publish"), ("ssm", "SendCommand"), ("logs", "PutLogEvents"),
                ("logs", "CreateLogStream"),
            ] {
                registry.register(service: service, operation: operation) { [weak self] context, input in
                    self?.calls.withLock { $0.append(Call(operation: operation, input: input, context: context)) }
                    return try answer(operation)
                }
            }
            performer.connect(to: registry)
        }

        func perform(_ delivery: RuleTargetDelivery, attempts: Int = 0, age: Duration = .zero) async -> DeliveryOutcome {
            await performer.perform(
                DeliveryRecord(
                    id: "delivery-1", account: "000000000000", kind: RuleTargetDelivery.kind, attempts: attempts, createdAt: clock.now,
                    body: delivery.encoded), now: clock.now + age)
        }

        func perform(_ arn: String, input: String = "{}", nodes: JSONValue? = nil) async -> DeliveryOutcome {
            await perform(
                RuleTargetDelivery(
                    ruleARN: "arn:aws:events:us-east-1:000000000000:rule/r", targetID: "t", eventID: "event-1", targetARN: arn,
                    input: input, roleARN: "arn:aws:iam::000000000000:role/batch", commandTargets: nodes))
        }
    }

    @Test("A state machine is started under a name that belongs to the delivery")
    func stateMachine() async throws {
        let world = World { _ in ["executionArn": .string(Self.machine + ":x"), "startDate": .timestamp(0)] }
        #expect(await world.perform(Self.machine, input: #"{"a":1}"#) == .delivered)
        let call = try #require(world.calls.withLock { $0.first })
        #expect(call.input.string("stateMachineArn") == Self.machine)
        #expect(call.input.string("name") == "event-1_delivery-1")
        #expect(call.input.string("input") == #"{"a":1}"#)
        #expect(call.context.dedupeKey == "delivery-1")
        #expect(call.context.principal.arn == "arn:aws:sts::000000000000:assumed-role/batch/nightshift-events")
    }

    @Test("A topic gets the input as its message")
    func topic() async throws {
        let world = World { _ in ["MessageId": "m"] }
        #expect(await world.perform(Self.topic, input: #""the night begins""#) == .delivered)
        let call = try #require(world.calls.withLock { $0.first })
        #expect(call.operation == "Publish")
        #expect(call.input.string("TopicArn") == Self.topic)
        #expect(call.input.string("Message") == #""the night begins""#)
        #expect(call.context.dedupeKey == "delivery-1")
    }

    @Test("Run Command gets the nodes of the target and the document's parameters from the input")
    func runCommand() async throws {
        let world = World { _ in [:] }
        let nodes: JSONValue = [["Key": "tag:role", "Values": ["batch"]]]
        let input = #"{"commands":["/opt/run.sh"],"workingDirectory":"/opt"}"#
        #expect(await world.perform(Self.document, input: input, nodes: nodes) == .delivered)
        let call = try #require(world.calls.withLock { $0.first })
        #expect(call.input.string("DocumentName") == "AWS-RunShellScript")
        #expect(call.input.structures("Targets").first?.string("Key") == "tag:role")
        #expect(call.input.structures("Targets").first?.strings("Values") == ["batch"])
        #expect(call.input.stringListMap("Parameters").map(\.1) == [["/opt/run.sh"], ["/opt"]])
    }

    @Test("An execution that an earlier attempt started, and that has ended since, is delivered")
    func startedBefore() async {
        let world = World { _ in throw APIError("ExecutionAlreadyExists", "Execution Already Exists", httpStatus: 400) }
        #expect(await world.perform(Self.machine) == .delivered)
    }

    @Test(
        "What can never be called fails at once",
        arguments: [
            "arn:aws:kinesis:us-east-1:000000000000:stream/s", "arn:aws:sns:us-east-1:111111111111:foreign", "no arn",
            "arn:aws:states:us-east-1:000000000000:activity:a", document,
        ])
    func impossible(_ arn: String) async {
        let world = World { _ in [:] }
        guard case .failed = await world.perform(arn) else {
            Issue.record("\(arn) was called")
            return
        }
        #expect(world.calls.withLock { $0.isEmpty })
    }

    @Test("A log group gets the event in the stream of the rule's target, which is made at the first event")
    func logGroup() async throws {
        let made = Mutex(false)
        let world = World { operation in
            if operation == "CreateLogStream" { made.withLock { $0 = true } }
            guard made.withLock({ $0 }) else {
                throw APIError("ResourceNotFoundException", "The specified log stream does not exist.", httpStatus: 400)
            }
            return [:]
        }
        let group = "arn:aws:logs:us-east-1:000000000000:log-group:/aws/events/orders:*"
        #expect(await world.perform(group, input: #"{"timestamp":1700000000000,"message":"hello"}"#) == .delivered)
        let calls = world.calls.withLock { $0 }
        #expect(calls.map(\.operation) == ["PutLogEvents", "CreateLogStream", "PutLogEvents"])
        let put = try #require(calls.last?.input)
        #expect(put.string("logGroupName") == "/aws/events/orders")
        #expect(put.string("logStreamName") == "r/t")
        #expect(put.structures("logEvents") == [["timestamp": 1_700_000_000_000, "message": "hello"]])
    }

    @Test(
        "A failure for good goes to the dead-letter queue; the code says what kind it is",
        arguments: [
            ("StateMachineDoesNotExist", 400, "NO_RESOURCE"), ("AccessDeniedException", 400, "NO_PERMISSIONS"),
            ("InvalidExecutionInput", 400, "INVALID_JSON"), ("ValidationException", 400, "INVALID_PARAMETER"),
        ])
    func deadLetters(_ code: String, _ status: Int, _ expected: String) async throws {
        let world = World { _ in throw APIError(code, "No.", httpStatus: status) }
        let outcome = await world.perform(
            RuleTargetDelivery(
                ruleARN: "rule", targetID: "t", eventID: "e", targetARN: Self.machine, input: "1",
                deadLetter: RuleDeadLetter(
                    queueARN: "arn:aws:sqs:us-east-1:000000000000:dead", ruleARN: "rule", targetARN: Self.machine, event: "{}")))
        guard case .deadLettered(let message, _) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(message.body == "{}")
        #expect(message.queue == QueueName(account: "000000000000", name: "dead"))
        #expect(message.attributes.contains { $0.name == "ERROR_CODE" && $0.value == .string(expected) })
    }

    @Test("The retry policy that ended is named", arguments: [(0, 0, "MaximumRetryAttempts"), (3, 90, "MaximumEventAgeInSeconds")])
    func exhausted(retries: Int, age: Int, condition: String) async throws {
        let world = World { _ in throw APIError.throttling() }
        let outcome = await world.perform(
            RuleTargetDelivery(
                ruleARN: "rule", targetID: "t", eventID: "e", targetARN: Self.topic, input: "1", maximumRetries: retries,
                maximumAge: .seconds(60),
                deadLetter: RuleDeadLetter(
                    queueARN: "arn:aws:sqs:us-east-1:000000000000:dead", ruleARN: "rule", targetARN: Self.topic, event: nil)),
            age: .seconds(age))
        guard case .deadLettered(let message, _) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(message.body == "1")
        #expect(message.attributes.contains { $0.name == "EXHAUSTED_RETRY_CONDITION" && $0.value == .string(condition) })
        #expect(message.attributes.contains { $0.name == "ERROR_CODE" && $0.value == .string("THROTTLING") })
    }

    @Test("A refusal is final")
    func refusal() async {
        let world = World { _ in throw APIError("StateMachineDoesNotExist", "State Machine Does Not Exist", httpStatus: 400) }
        guard case .failed(let reason) = await world.perform(Self.machine) else {
            Issue.record("it is tried again")
            return
        }
        #expect(reason.contains("StateMachineDoesNotExist"))
    }

    @Test("A target that is out of order is tried again, later and later, until its policy ends")
    func retries() async {
        let world = World { _ in throw APIError.serviceUnavailable("The disk is full.") }
        let delivery = RuleTargetDelivery(
            ruleARN: "r", targetID: "t", eventID: "e", targetARN: Self.topic, input: "{}", maximumRetries: 3, maximumAge: .seconds(600))
        var delays: [Duration] = []
        for attempts in 0..<3 {
            guard case .tryAgain(let delay, _) = await world.perform(delivery, attempts: attempts) else {
                Issue.record("attempt \(attempts) was the last")
                return
            }
            delays.append(delay)
        }
        #expect(zip(delays, [1, 2, 4]).allSatisfy { $0 >= .milliseconds($1 * 500) && $0 <= .seconds($1) })
        for (attempts, age) in [(3, Duration.seconds(10)), (0, .seconds(600))] {
            guard case .failed = await world.perform(delivery, attempts: attempts, age: age) else {
                Issue.record("tried again after \(attempts) attempts and \(age)")
                return
            }
        }
    }
}
