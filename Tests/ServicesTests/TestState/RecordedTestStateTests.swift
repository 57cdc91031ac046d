import APIModels
import AWSProtocols
import Engine
import Foundation
import JSONCore
import Logging
import StatesInterpreter
import StatesLanguage
import Testing
import TimeSource

@testable import Services

/// What AWS answered to TestState (`Tests/Fixtures/asl/README.md` names the source), beside what this server answers.
struct RecordedTestStateTests {
    /// The recorded answers that are not given yet, each with its reason. A gap that has closed fails the test too.
    private static let gaps: [String: String] = {
        var gaps = [
            "test_strict_mode_aws_sdk_lambda_get_function_task[integer_more_than_maximum_allowed]":
                "Lambda's model allows more memory today than when this was recorded"
        ]
        for mode in ["strict", "present"] {
            for case_ in ["wrong_blob_length_less_than_minimum", "wrong_blob_type_number"] {
                gaps["test_\(mode)_mode_aws_sdk_kms_task[\(case_)]"] = "there is no model of KMS"
            }
            gaps["test_\(mode)_mode_dynamodb_task[wrong_float_type_string]"] = "there is no model of DynamoDB"
        }
        return gaps
    }()

    @Test func recordedAnswersAreGiven() async throws {
        let entry = try #require(registry().entry(service: "states", operation: "TestState"))
        var open = Set(RecordedTestStateTests.gaps.keys)
        for recording in try recordings() {
            let id = try #require(recording["id"]?.text)
            guard case .structure(let input) = APIValue(try #require(recording["params"])) else { continue }
            let (actual, expected): (JSONValue, JSONValue)
            do {
                actual = APIValue.structure(try await entry.handler(context, input)).plainJSON
                expected = recording["expect"] ?? recording["error"] ?? .null
            } catch let error as APIError {
                actual = .object(["code": .text(error.code), "message": .text(error.message)])
                expected = recording["error"] ?? recording["expect"] ?? .null
            }
            let isEqual = RecordedTestStateTests.matches(actual, expected)
            if RecordedTestStateTests.gaps[id] != nil {
                #expect(!isEqual, "\(id): the gap has closed")
                open.remove(id)
            } else {
                #expect(isEqual, "\(id): \(JSONWriter.text(of: actual)) instead of \(JSONWriter.text(of: expected))")
            }
        }
        #expect(open.isEmpty, "gaps without a recording")
    }

    // MARK: Comparing

    /// Whether a value is as recorded: texts of JSON are compared as values, placeholders stand for anything.
    private static func matches(_ actual: JSONValue, _ expected: JSONValue) -> Bool {
        switch (opened(actual), opened(expected)) {
        case (.object(let actual), .object(let expected)):
            return actual.count == expected.count
                && expected.members.allSatisfy { member in actual[member.key].map { matches($0, member.value) } ?? false }
        case (.array(let actual), .array(let expected)):
            return actual.count == expected.count && zip(actual, expected).allSatisfy { matches($0, $1) }
        case (.number(let actual), .number(let expected)): return actual.double == expected.double
        case (let actual, .string(let expected)): return matches(actual.text, expected.text)
        case (let actual, let expected): return actual == expected
        }
    }

    private static func opened(_ value: JSONValue) -> JSONValue {
        guard let text = value.text, let parsed = try? JSONParser.parse(Array(text.utf8)) else { return value }
        return parsed.object == nil && parsed.array == nil ? value : parsed
    }

    private static func matches(_ actual: String?, _ expected: String) -> Bool {
        guard let actual else { return false }
        if expected == "date" { return true }
        let known = expected.replacing("<partition>", with: "aws").replacing("<region>", with: "us-east-1")
            .replacing("111111111111", with: "000000000000")
        // What stands between placeholders has to be there, in order.
        var rest = actual[...]
        for (index, piece) in known.split(separator: "<", omittingEmptySubsequences: false).enumerated() {
            let text = index == 0 ? piece : piece.drop { $0 != ">" }.dropFirst()
            if index == 0 {
                guard rest.hasPrefix(text) else { return false }
                rest = rest.dropFirst(text.count)
            } else if let range = rest.firstRange(of: text) {
                rest = rest[range.upperBound...]
            } else if !text.isEmpty {
                return false
            }
        }
        return known.contains("<") || rest.isEmpty
    }

    // MARK: Help

    /// Tasks of recordings have mocks.
    private struct Nobody: EffectPerformer {
        func effectClass(of resource: TaskResource, account: String) -> EffectClass { .deduplicated }

        func perform(_ call: EffectCall) async -> EffectOutcome { .failed(TaskFailure(error: "Nobody", cause: nil)) }
    }

    private func registry() -> OperationRegistry {
        let clock = ManualClock()
        let random = SeededRandomSource(seed: 1)
        var registry = OperationRegistry()
        TestStateService(
            catalogue: ModelCatalogue(), performer: Nobody(), clock: EngineClock(source: clock, highWaterMark: .epoch),
            identifiers: IdentifierSource(clock: clock, random: random), random: random
        ).register(in: &registry)
        return registry
    }

    private var context: RequestContext {
        RequestContext(
            requestID: "r", account: "000000000000", region: "us-east-1",
            principal: Principal(accessKeyID: "AKIA", arn: "arn:aws:iam::000000000000:user/admin", name: "admin"),
            receivedAt: .epoch, endpoint: "http://nightshift:7070",
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    private func recordings() throws -> [JSONObject] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Fixtures/asl/test-state.jsonl")
        return try Data(contentsOf: file).split(separator: UInt8(ascii: "\n")).compactMap { try JSONParser.parse(Array($0)).object }
    }
}
