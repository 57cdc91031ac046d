import AWSProtocols
import Foundation
import LogStorage
import Logging
import TimeSource

@testable import Services

/// A logs service over a store of its own, on manual time.
final class LogStory: Sendable {
    static let account = "000000000000"
    static let region = "us-east-1"

    let clock = ManualClock()
    let store: LogStore
    private let directory: String
    private let registry: OperationRegistry

    init() async throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "nightshift-logs-\(UUID().uuidString)").path
        store = try await LogStore.open(directory: directory, clock: clock, random: SeededRandomSource(seed: 7))
        var registry = OperationRegistry()
        LogService(store: store).register(in: &registry)
        self.registry = registry
    }

    deinit {
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// A story with the group `g` and its stream `s`.
    static func withStream() async throws -> LogStory {
        let story = try await LogStory()
        try await story.call("CreateLogGroup", ["logGroupName": "g"])
        try await story.call("CreateLogStream", ["logGroupName": "g", "logStreamName": "s"])
        return story
    }

    /// Calls an operation as a user of an account.
    @discardableResult
    func call(_ operation: String, _ input: APIStructure, account: String = LogStory.account) async throws -> APIStructure {
        guard let entry = registry.entry(service: "logs", operation: operation) else { throw APIError.unknownOperation(operation) }
        let context = RequestContext(
            requestID: "r", account: account, region: LogStory.region,
            principal: Principal(accessKeyID: "AKIA", arn: "arn:aws:iam::\(account):user/admin", name: "admin"), receivedAt: clock.now,
            endpoint: "http://nightshift:7070", logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        return try await entry.handler(context, input)
    }

    /// The error of a call that must fail.
    func error(_ operation: String, _ input: APIStructure, account: String = LogStory.account) async -> APIError? {
        do {
            _ = try await call(operation, input, account: account)
            return nil
        } catch {
            return error as? APIError
        }
    }

    /// Puts texts, a millisecond apart from now on.
    @discardableResult
    func put(_ texts: [String], stream: String = "s") async throws -> APIStructure {
        let now = clock.now.milliseconds
        let events = texts.enumerated().map { index, text -> APIValue in
            ["timestamp": .integer(now + Int64(index)), "message": .string(text)]
        }
        return try await call("PutLogEvents", ["logGroupName": "g", "logStreamName": .string(stream), "logEvents": .list(events)])
    }

    /// The messages of an answer.
    static func messages(_ output: APIStructure) -> [String] {
        output.structures("events").compactMap { $0.string("message") }
    }
}
