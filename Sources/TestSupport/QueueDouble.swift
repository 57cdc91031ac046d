package import Engine
package import Store
import Synchronization

/// Queues that keep what is sent in memory; statements go to the database of a test, in one batch.
package final class QueueDouble: QueueSender {
    private struct State {
        var queues: [QueueName: QueueError?] = [:]
        var sent: [OutgoingMessage] = []
    }

    private let database: any Database
    private let state = Mutex(State())

    /// Queues beside a database.
    package init(database: any Database) {
        self.database = database
    }

    /// Makes a queue.
    /// - Parameter refusal: what it answers to each message; nil when it takes them.
    package func make(_ name: QueueName, refusing refusal: QueueError? = nil) {
        state.withLock { $0.queues[name] = .some(refusal) }
    }

    /// Everything that the queues took, in order.
    package var sent: [OutgoingMessage] { state.withLock { $0.sent } }

    package func exists(_ name: QueueName) -> Bool {
        state.withLock { $0.queues.keys.contains(name) }
    }

    package func send(_ messages: [OutgoingMessage], with statements: [Statement]) async throws(QueueError) -> [SentMessage] {
        for message in messages {
            switch state.withLock({ $0.queues[message.queue] }) {
            case .none: throw .queueDoesNotExist(message.queue)
            case .some(.some(let refusal)): throw refusal
            case .some(.none): break
            }
        }
        do throws(StoreError) {
            try await database.apply(statements)
        } catch {
            throw .store(error)
        }
        return state.withLock { state in
            messages.map { message in
                state.sent.append(message)
                return SentMessage(messageID: "m\(state.sent.count)", sequenceNumber: nil, isDuplicate: false)
            }
        }
    }
}
