import EventPatterns
package import Store

/// A mapping from a queue to a function, ready to be worked by.
package struct QueueMapping: Sendable {
    /// Its UUID.
    package let id: String
    /// The queue.
    package let queue: QueueName
    /// The queue's ARN.
    package let queueARN: String
    /// The function's ARN, perhaps with a qualifier.
    package let function: String
    /// How the one feeds the other.
    package let settings: QueueMappingSettings
    /// Which messages pass.
    let filter: QueueFilter

    /// The mapping of a record; nil when its source is no queue, or its patterns cannot be read.
    package init?(_ record: EventSourceMappingRecord) {
        guard let queue = QueueName(arn: record.source) else { return nil }
        let settings = QueueMappingSettings(encoded: record.settings)
        guard let filter = try? QueueFilter(settings.patterns) else { return nil }
        id = record.id
        self.queue = queue
        queueARN = record.source
        function = record.function
        self.settings = settings
        self.filter = filter
    }
}
