/// The environment of a worker's command: the worker's own, and what the message brings.
package enum MessageEnvironment {
    /// The longest value that is handed on: the kernel refuses to start a program with a string of 128 KiB (MAX_ARG_STRLEN, execve(2)).
    package static let longestValue = 120_000
    private static let attributePrefix = "NIGHTSHIFT_ATTRIBUTE_"
    /// What the queue knows of a message, by the names of ReceiveMessage.
    private static let facts = [
        ("ApproximateReceiveCount", "NIGHTSHIFT_RECEIVE_COUNT"), ("SentTimestamp", "NIGHTSHIFT_SENT_AT"),
        ("ApproximateFirstReceiveTimestamp", "NIGHTSHIFT_FIRST_RECEIVED_AT"), ("SenderId", "NIGHTSHIFT_SENDER_ID"),
        ("MessageGroupId", "NIGHTSHIFT_MESSAGE_GROUP_ID"), ("MessageDeduplicationId", "NIGHTSHIFT_MESSAGE_DEDUPLICATION_ID"),
        ("SequenceNumber", "NIGHTSHIFT_SEQUENCE_NUMBER"), ("AWSTraceHeader", "NIGHTSHIFT_TRACE_HEADER"),
        ("DeadLetterQueueSourceArn", "NIGHTSHIFT_DEAD_LETTER_SOURCE_ARN"),
    ]

    /// The command's variables. Instants are milliseconds since 1970, as the queue gives them.
    package static func variables(for message: QueueMessage, queueURL: String, inherited: [String: String]) -> [String: String] {
        // A worker below a worker must not hand on what belongs to the other's message.
        var variables = inherited.filter { name, _ in
            !name.hasPrefix(attributePrefix) && name != "NIGHTSHIFT_MESSAGE_ID" && !facts.contains { $0.1 == name }
        }
        variables["NIGHTSHIFT_QUEUE_URL"] = queueURL
        variables["NIGHTSHIFT_QUEUE"] = String(queueURL.split(separator: "/").last ?? "")
        variables["NIGHTSHIFT_MESSAGE_ID"] = message.id
        for (fact, name) in facts { variables[name] = message.facts[fact] }
        for attribute in message.attributes { variables[name(of: attribute.name)] = attribute.value }
        return variables.filter { $0.value.utf8.count <= longestValue && !$0.value.utf8.contains(0) }
    }

    /// The variable of an attribute: `report-type` is `NIGHTSHIFT_ATTRIBUTE_REPORT_TYPE`, since shells know letters, digits and
    /// underscores alone.
    package static func name(of attribute: String) -> String {
        attributePrefix + attribute.uppercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? String($0) : "_" }.joined()
    }
}
