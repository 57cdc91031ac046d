import DatabaseSQLite
import Engine
import Logging
import Store
import TestSupport
import Testing
import TimeSource

/// A data directory in which queues live, die and live again, on a clock that stands still.
final class QueueStory: Sendable {
    let directory: TemporaryDirectory
    let source = ManualClock()
    private let lives = SeededRandomSource(seed: 11)

    init() throws {
        directory = try TemporaryDirectory()
    }

    /// One life of the server: it ends without any farewell when `body` returns.
    @discardableResult
    func life<Value: Sendable>(
        hold: HoldGate = HoldGate(), limits: QueueEngine.Limits = QueueEngine.Limits(), _ body: (QueueLife) async throws -> Value
    ) async throws -> Value {
        let sqlite = try await SQLiteDatabase.open(path: directory.file("nightshift.db"))
        try await Migrator.migrate(sqlite)
        let database = FaultyDatabase(sqlite)
        let clock = EngineClock(source: source, highWaterMark: .epoch)
        let random = SeededRandomSource(seed: lives.nextWord())
        let engine = try await QueueEngine.load(
            from: database, region: "us-east-1", clock: clock, identifiers: IdentifierSource(clock: source, random: random), random: random,
            hold: hold, limits: limits, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        let value = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await engine.run() }
            defer {
                database.cut()
                group.cancelAll()
            }
            return try await body(QueueLife(engine: engine, database: database, clock: source))
        }
        await sqlite.close()
        return value
    }
}

/// What a test does while the queues live.
struct QueueLife: Sendable {
    static let account = "000000000000"

    let engine: QueueEngine
    let database: FaultyDatabase
    let clock: ManualClock

    /// The queue of a name; made when it is not there.
    @discardableResult
    func queue(_ name: String, _ change: (inout QueueAttributes) -> Void = { _ in }) async throws -> QueueName {
        let queue = QueueName(account: QueueLife.account, name: name)
        var attributes = QueueAttributes()
        change(&attributes)
        _ = try await engine.create(queue, attributes: attributes)
        return queue
    }

    /// Sends messages with these texts.
    @discardableResult
    func send(_ bodies: String..., to queue: QueueName, delay: Duration? = nil, group: String? = nil) async throws -> [SentMessage] {
        try await send(bodies, to: queue, delay: delay, group: group)
    }

    /// Sends messages with these texts; of a FIFO queue each text is its deduplication id.
    @discardableResult
    func send(_ bodies: [String], to queue: QueueName, delay: Duration? = nil, group: String? = nil) async throws -> [SentMessage] {
        try await engine.send(
            bodies.map {
                OutgoingMessage(
                    queue: queue, body: $0, delay: delay, groupID: group ?? (queue.isFIFO ? "g" : nil),
                    deduplicationID: queue.isFIFO ? $0 : nil, senderID: "AIDA")
            })
    }

    /// Receives without waiting.
    func receive(_ count: Int = 10, from queue: QueueName, timeout: Duration? = nil, attempt: String? = nil) async throws
        -> [ReceivedMessage]
    {
        try await engine.receive(
            ReceiveRequest(queue: queue, maxMessages: count, visibilityTimeout: timeout, wait: .zero, attemptID: attempt))
    }

    /// The texts of what is received without waiting.
    func bodies(_ count: Int = 10, from queue: QueueName, timeout: Duration? = nil) async throws -> [String] {
        try await receive(count, from: queue, timeout: timeout).map(\.body)
    }

    /// Deletes a message.
    func delete(_ message: ReceivedMessage, from queue: QueueName) async throws {
        for error in try await engine.delete([message.receiptHandle], from: queue) {
            if let error { throw error }
        }
    }

    /// Changes for how long a message is hidden.
    func hide(_ message: ReceivedMessage, for timeout: Duration, in queue: QueueName) async throws {
        let changes = [QueueEngine.VisibilityChange(receiptHandle: message.receiptHandle, timeout: timeout)]
        for error in try await engine.changeVisibility(changes, in: queue) {
            if let error { throw error }
        }
    }

    /// Receives and deletes until nothing comes any more.
    func drain(_ queue: QueueName) async throws -> [String] {
        var bodies: [String] = []
        while true {
            let messages = try await receive(from: queue)
            guard !messages.isEmpty else { return bodies }
            bodies += messages.map(\.body)
            _ = try await engine.delete(messages.map(\.receiptHandle), from: queue)
        }
    }

    /// Visible, not visible and delayed messages.
    func counts(_ queue: QueueName) async throws -> [Int] {
        let counts = try await engine.counts(of: queue)
        return [counts.visible, counts.notVisible, counts.delayed]
    }

    /// Returns once a condition holds.
    func until(_ what: String, sourceLocation: SourceLocation = #_sourceLocation, _ condition: () async throws -> Bool) async throws {
        // Real time: disks stall.
        let end = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < end {
            if try await condition() { return }
            await Task.yield()
        }
        Issue.record("it did not come about: \(what)", sourceLocation: sourceLocation)
    }

    /// Rows of a table.
    func rows(_ table: String) async throws -> Int64 {
        try await database.read { try $0.row("SELECT COUNT(*) FROM \(table)")?.integer(0) ?? 0 }
    }
}
