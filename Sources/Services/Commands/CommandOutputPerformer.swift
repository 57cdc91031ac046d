import AWSProtocols
import AgentProtocol
package import Engine
package import Logging
package import ObjectStorage
import ServiceLifecycle
package import Store
import Synchronization
package import TimeSource

/// Makes objects of the staged output of invocations that have ended: one for each stream that is not empty.
///
/// First the objects, then the files go, then the delivery: whatever is repeated puts the same bytes under the same keys.
package final class CommandOutputPerformer: DeliveryPerformer, Service {
    /// `command-output`.
    package static let kind = "command-output"
    package let kind: String = CommandOutputPerformer.kind
    package let effectClass = EffectClass.deduplicated
    package let concurrency = 4

    private static let shortestPause = Duration.seconds(1)
    private static let longestPause = Duration.seconds(60)
    /// How long an object store may be away before output is given up.
    private static let patience = Duration.seconds(14 * 86_400)

    private let database: any Database
    private let folder: StagingFolder
    private let context: @Sendable (_ account: String) -> RequestContext
    private let logger: Logger
    /// S3's PutObject, wherever objects are. Set once, before the queue runs.
    private let put = Mutex<StreamedOperationHandler?>(nil)

    /// A performer that waits for `connect`.
    /// - Parameter context: as whom objects are put.
    package init(
        database: any Database, folder: StagingFolder, logger: Logger, context: @escaping @Sendable (_ account: String) -> RequestContext
    ) {
        self.database = database
        self.folder = folder
        self.context = context
        self.logger = logger
    }

    /// Takes S3's PutObject from the operations.
    package func connect(to registry: OperationRegistry) {
        put.withLock { $0 = registry.entry(service: "s3", operation: "PutObject")?.streamed }
    }

    package func perform(_ delivery: DeliveryRecord, now: Timestamp) async -> DeliveryOutcome {
        guard let output = InvocationOutputDelivery(stored: delivery.body) else {
            return .failed(reason: "The stored delivery cannot be read.")
        }
        do {
            return try await deliver(output, account: delivery.account)
        } catch {
            guard now - delivery.createdAt < CommandOutputPerformer.patience else {
                return .failed(reason: "The output could not be written in time: \(error)")
            }
            let pause = min(CommandOutputPerformer.longestPause, CommandOutputPerformer.shortestPause * (1 << min(delivery.attempts, 6)))
            return .tryAgain(after: pause, reason: "The output cannot be written: \(error)")
        }
    }

    private func deliver(_ output: InvocationOutputDelivery, account: String) async throws -> DeliveryOutcome {
        let invocation = InvocationRecord.Key(command: output.command, node: output.node)
        guard let command = try await database.read({ try CommandStore.find(number: output.command, in: $0) })?.record,
            let bucket = CommandSettings(command).bucket
        else {
            return .failed(reason: "The command of the output is forgotten.")
        }
        let steps = try CommandSteps.decode(command.steps)
        let files = StagedOutput.all(of: invocation, attempt: output.attempt, steps: steps.count)
        do {
            for file in files {
                let key = bucket.key(command, node: output.node, steps: steps, step: file.stream.step, stream: file.stream.stream)
                try await upload(file, to: bucket.name, key: key, account: account)
            }
        } catch let error as APIError where !CommandOutputPerformer.mayPass(error) {
            // As on AWS, where the agent finds out when it writes: the command itself is none the worse.
            logger.warning(
                "output of a command cannot be written to its bucket",
                metadata: [
                    "command-id": "\(command.id)", "instance-id": "\(output.node)", "bucket": "\(bucket.name)",
                    "error": "\(error.code)",
                ])
            try await folder.remove(files.map(\.name))
            return .failed(reason: "The bucket \(bucket.name) does not take the output: \(error.code): \(error.message)")
        }
        try await folder.remove(files.map(\.name))
        return .delivered
    }

    private func upload(_ file: StagedOutput, to bucket: String, key: String, account: String) async throws {
        guard let staged = try await folder.size(of: file.name) else { return }
        // A piece that was staged and not yet noted when the node was given up may be half.
        let noted = try await database.read { try CommandOutputStore.position(of: file.stream, in: $0)?.received } ?? 0
        let length = min(staged, noted)
        guard length > 0 else { return }
        guard let put = put.withLock({ $0 }) else { throw APIError.serviceUnavailable("There is no object store yet.") }
        _ = try await put(
            context(account), ["Bucket": .string(bucket), "Key": .string(key)], StagedBody(folder, file.name, length: length))
    }

    private static func mayPass(_ error: APIError) -> Bool {
        ["ServiceUnavailable", "InternalFailure", "InternalError", "SlowDown", "ThrottlingException"].contains(error.code)
            || (error.httpStatus ?? 400) >= 500
    }

    /// Looks through what an earlier server left, and keeps the folder open until the server ends.
    package func run() async throws {
        await sweep()
        try? await gracefulShutdown()
    }

    /// Removes files that nobody will take away: their invocation has ended and was delivered, or is forgotten.
    func sweep() async {
        do {
            for name in try await folder.names() {
                guard let file = StagedOutput(name: name) else { continue }
                let output = InvocationOutputDelivery(
                    command: file.stream.invocation.command, node: file.stream.invocation.node, attempt: file.stream.attempt)
                let isNeeded = try await database.read { transaction in
                    guard let record = try InvocationStore.find(file.stream.invocation, in: transaction) else { return false }
                    return try !record.state.hasEnded || DeliveryStore.exists(output.id, in: transaction)
                }
                if !isNeeded { try await folder.remove([name]) }
            }
        } catch {
            logger.warning("staged output could not be looked through", metadata: ["error": "\(error)"])
        }
    }
}

/// A staged file as the body of a request.
private final class StagedBody: StreamedInputBody {
    private static let pieceSize: Int64 = 512 << 10

    let length: Int64
    let announcedTrailers: [String] = []
    let trailers: [String: String] = [:]
    private let folder: StagingFolder
    private let name: String
    private let offset = Mutex<Int64>(0)

    init(_ folder: StagingFolder, _ name: String, length: Int64) {
        self.folder = folder
        self.name = name
        self.length = length
    }

    func next() async throws -> [UInt8]? {
        let start = offset.withLock { $0 }
        guard start < length else { return nil }
        let piece = try await folder.bytes(of: name, at: start, count: Int(min(StagedBody.pieceSize, length - start)))
        guard !piece.isEmpty else { throw APIError.serviceUnavailable("The staged output ends early.") }
        offset.withLock { $0 = start + Int64(piece.count) }
        return piece
    }
}
