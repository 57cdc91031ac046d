package import Logging
package import ServiceLifecycle
import StatesInterpreter
package import Store
import Synchronization
package import TimeSource

/// The queues: everything that is sent, received, deleted or moved goes through it, and is durable before it is answered.
package final class QueueEngine: Service {
    /// What a new queue met.
    package enum Creation: Sendable, Hashable {
        /// It is new.
        case created(QueueRecord)
        /// There is one of this name, with equal attributes or others: for the caller to compare.
        case exists(QueueRecord)
    }

    /// A change of the visibility of one received message.
    package struct VisibilityChange: Sendable {
        /// Of the receive.
        package var receiptHandle: String
        /// Hidden for so long from now: 0 to 43,200 seconds.
        package var timeout: Duration

        /// A change of these parts.
        package init(receiptHandle: String, timeout: Duration) {
            self.receiptHandle = receiptHandle
            self.timeout = timeout
        }
    }

    /// The server's region, in the ARNs of its queues.
    package let region: String

    /// The engine over the queues of a database.
    package static func load(
        from database: any Database, region: String, clock: EngineClock, identifiers: IdentifierSource, random: any RandomSource,
        hold: HoldGate = HoldGate(), logger: Logger
    ) async throws -> QueueEngine {
        fatalError("being written")
    }

    init(region: String) { self.region = region }

    /// Lets waiting consumers go in time, deletes what is over and moves what is to be moved, until the server stops.
    package func run() async throws {
        fatalError("being written")
    }
}

// MARK: Queues

extension QueueEngine {
    /// Creates a queue unless there is one of its name.
    /// - Parameter statements: applied in the same transaction when the queue is new: its tags.
    package func create(
        _ name: QueueName, attributes: QueueAttributes, with statements: [Statement] = []
    ) async throws(QueueError) -> Creation {
        fatalError("being written")
    }

    /// Deletes a queue with its messages and tags; those who wait for messages are answered empty.
    package func delete(_ name: QueueName) async throws(QueueError) {
        fatalError("being written")
    }

    /// Changes the attributes of a queue. What `change` makes of them is for the caller to have checked.
    package func setAttributes(
        of name: QueueName, _ change: @Sendable (inout QueueAttributes) -> Void
    ) async throws(QueueError) {
        fatalError("being written")
    }

    /// Whether there is such a queue; from memory.
    package func exists(_ name: QueueName) -> Bool { fatalError("being written") }

    /// A queue's facts, nil when there is none; from memory.
    package func record(of name: QueueName) -> QueueRecord? { fatalError("being written") }

    /// An account's queues whose names begin with `prefix`, by name; those after `last`, at most `limit`. From memory.
    package func list(account: String, prefix: String = "", after last: String? = nil, limit: Int) -> [QueueName] { fatalError("being written") }

    /// The queues whose dead-letter queue is `name`, by name; those after `last`, at most `limit`. From memory.
    package func deadLetterSources(of name: QueueName, after last: String? = nil, limit: Int) -> [QueueName] { fatalError("being written") }

    /// Deletes all messages that were sent before.
    package func purge(_ name: QueueName) async throws(QueueError) { fatalError("being written") }

    /// How many messages a queue has.
    package func counts(of name: QueueName) async throws(QueueError) -> QueueCounts { fatalError("being written") }
}

// MARK: Messages

extension QueueEngine {
    /// Puts messages into their queues: all of them and `statements` in one transaction, or none.
    /// - Returns: an answer for each message, in their order.
    package func send(_ messages: [OutgoingMessage], with statements: [Statement] = []) async throws(QueueError) -> [SentMessage] {
        fatalError("being written")
    }

    /// Takes messages; none when none came in the time to wait, the caller is cancelled, or the server stops.
    package func receive(_ request: ReceiveRequest) async throws(QueueError) -> [ReceivedMessage] {
        fatalError("being written")
    }

    /// Deletes received messages. An answer for each handle in their order: nil when it is deleted, now or before.
    package func delete(_ receiptHandles: [String], from queue: QueueName) async throws(QueueError) -> [QueueError?] {
        fatalError("being written")
    }

    /// Changes for how long received messages are hidden. An answer for each change in their order: nil when it is made.
    package func changeVisibility(_ changes: [VisibilityChange], in queue: QueueName) async throws(QueueError) -> [QueueError?] {
        fatalError("being written")
    }
}

// MARK: Move tasks

extension QueueEngine {
    /// Begins to move the messages of a dead-letter queue: to `destination`, or back to where each came from.
    package func startMove(
        from source: QueueName, to destination: QueueName?, maxMessagesPerSecond: Int?
    ) async throws(QueueError) -> MessageMoveTask {
        fatalError("being written")
    }

    /// Ends a move task; what was moved stays where it is.
    /// - Returns: how many messages were moved until now, about.
    package func cancelMove(_ id: String) async throws(QueueError) -> Int64 { fatalError("being written") }

    /// The move tasks of a source, the latest first, at most `limit`.
    package func moveTasks(of source: QueueName, limit: Int) async throws(QueueError) -> [MessageMoveTask] { fatalError("being written") }
}
