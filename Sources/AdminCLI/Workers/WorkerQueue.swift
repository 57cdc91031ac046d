import JSONCore

/// The queue that a worker serves, over the public API.
package struct WorkerQueue: Sendable {
    /// How long a message stays hidden when the queue says nothing useful.
    private static let usualVisibility = 30

    private let server: any APICaller
    /// The queue's URL, as calls name it.
    package let url: String
    /// How long the queue hides a message unless it is told otherwise, in seconds; never 0, with which nobody could work.
    package let visibility: Int

    /// Whether messages have groups and an order in them.
    package var isFIFO: Bool { url.hasSuffix(".fifo") }

    /// Finds a queue by its URL or its name.
    /// - Throws: `CommandFailure` that names the queues that look like it.
    package static func find(_ text: String, _ server: any APICaller) async throws -> WorkerQueue {
        do {
            let url =
                try text.contains("://") ? text : await server.call(.queues("GetQueueUrl", ["QueueName": .text(text)]))["QueueUrl"]?.text
            guard let url else { throw CommandFailure("GetQueueUrl answered no URL") }
            let answer = try await server.call(
                .queues("GetQueueAttributes", ["QueueUrl": .text(url), "AttributeNames": ["VisibilityTimeout"]]))
            let visibility = answer["Attributes"]?["VisibilityTimeout"]?.text.flatMap { Int($0) } ?? usualVisibility
            return WorkerQueue(server: server, url: url, visibility: visibility > 0 ? visibility : usualVisibility)
        } catch let failure as APIFailure where isMissing(failure) {
            throw try await noSuchQueue(text, server)
        }
    }

    private init(server: any APICaller, url: String, visibility: Int) {
        self.server = server
        self.url = url
        self.visibility = visibility
    }

    /// Asks for messages, and waits for the first one for so many seconds.
    /// - Parameter attempt: for FIFO queues: the same text again, after an answer was lost, brings the same messages.
    package func receive(count: Int, wait: Int, visibility: Int, attempt: String?) async throws -> [QueueMessage] {
        var input: JSONObject = [
            "QueueUrl": .text(url), "MaxNumberOfMessages": .integer(count), "WaitTimeSeconds": .integer(wait),
            "VisibilityTimeout": .integer(visibility), "MessageSystemAttributeNames": ["All"], "MessageAttributeNames": ["All"],
        ]
        if let attempt { input["ReceiveRequestAttemptId"] = .text(attempt) }
        return (try await server.call(.queues("ReceiveMessage", input))["Messages"]?.array ?? []).compactMap(QueueMessage.init)
    }

    /// Hides a message for so many seconds from now; 0 shows it at once.
    package func hide(_ receiptHandle: String, seconds: Int) async throws {
        _ = try await server.call(
            .queues(
                "ChangeMessageVisibility",
                ["QueueUrl": .text(url), "ReceiptHandle": .text(receiptHandle), "VisibilityTimeout": .integer(seconds)]))
    }

    /// Deletes a message.
    package func delete(_ receiptHandle: String) async throws {
        _ = try await server.call(.queues("DeleteMessage", ["QueueUrl": .text(url), "ReceiptHandle": .text(receiptHandle)]))
    }

    private static func isMissing(_ failure: APIFailure) -> Bool {
        ["QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue", "InvalidAddress"].contains(failure.code)
    }

    private static func noSuchQueue(_ text: String, _ server: any APICaller) async throws -> CommandFailure {
        let urls = try await server.call(.queues("ListQueues", ["MaxResults": 1000]))["QueueUrls"]?.array ?? []
        let names = urls.compactMap { $0.text?.split(separator: "/").last.map(String.init) }
        let near = Suggestion.sentence(for: text.split(separator: "/").last.map(String.init) ?? text, of: names)
        return CommandFailure(
            "there is no queue \(text)",
            advice: names.isEmpty
                ? "There are no queues yet." : near.isEmpty ? "There are: \(names.prefix(10).joined(separator: ", "))" : near)
    }
}
