import Engine
import Store
import Synchronization

/// Queues that keep what is sent to them in memory, and apply what is sent along to a database.
final class StoryQueues: QueueSender {
    private struct State {
        var limits: [QueueName: Int] = [:]
        var messages: [OutgoingMessage] = []
        /// Queues that are gone, though `exists` does not know it yet.
        var vanished: Set<QueueName> = []
    }

    private let database: any Database
    private let state = Mutex(State())

    init(database: any Database) {
        self.database = database
    }

    /// Adds a queue, whose messages may have so many bytes.
    func create(_ name: String, limit: Int = 1_048_576) -> String {
        let queue = QueueName(account: TopicStory.account, name: name)
        state.withLock { $0.limits[queue] = limit }
        return queue.arn(region: TopicStory.region)
    }

    /// Deletes a queue; `quietly` lets `exists` still know it.
    func delete(_ name: String, quietly: Bool = false) {
        let queue = QueueName(account: TopicStory.account, name: name)
        state.withLock { state in
            if quietly { state.vanished.insert(queue) } else { state.limits[queue] = nil }
        }
    }

    /// What a queue got.
    func messages(in name: String) -> [OutgoingMessage] {
        state.withLock { $0.messages.filter { $0.queue.name == name } }
    }

    func exists(_ name: QueueName) -> Bool { state.withLock { $0.limits[name] != nil } }

    func send(_ messages: [OutgoingMessage], with statements: [Statement]) async throws(QueueError) -> [SentMessage] {
        for message in messages {
            let limit = state.withLock { $0.vanished.contains(message.queue) ? nil : $0.limits[message.queue] }
            guard let limit else { throw .queueDoesNotExist(message.queue) }
            guard message.body.utf8.count <= limit else { throw .messageTooLong(message.queue, limit: limit) }
        }
        do throws(StoreError) {
            try await database.apply(statements)
        } catch {
            throw .store(error)
        }
        state.withLock { $0.messages += messages }
        return messages.map { _ in SentMessage(messageID: "", sequenceNumber: nil, isDuplicate: false) }
    }
}
