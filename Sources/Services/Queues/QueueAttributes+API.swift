import AWSProtocols
import Engine
import Store
import TimeSource

/// Attributes as GetQueueAttributes shows them.
extension QueueRecord {
    /// The names of all attributes, in the order of AWS's answers.
    static let attributeNames = [
        "QueueArn", "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed",
        "CreatedTimestamp", "LastModifiedTimestamp", "VisibilityTimeout", "MaximumMessageSize", "MessageRetentionPeriod",
        "DelaySeconds", "Policy", "ReceiveMessageWaitTimeSeconds", "RedrivePolicy", "RedriveAllowPolicy", "FifoQueue",
        "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit", "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds",
        "SqsManagedSseEnabled",
    ]

    /// The value of an attribute; nil when this queue does not have it. The counts are not among them.
    func attribute(_ name: String, region: String) -> String? {
        switch name {
        case "QueueArn": self.name.arn(region: region)
        case "CreatedTimestamp": String(createdAt.milliseconds / 1_000)
        case "LastModifiedTimestamp": String(modifiedAt.milliseconds / 1_000)
        case "FifoQueue": isFIFO ? "true" : nil
        case "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit":
            isFIFO ? attributes.shown(name, region: region) : nil
        default: attributes.shown(name, region: region)
        }
    }
}

extension QueueAttributes {
    /// The value of an attribute that can be set; nil when it is not set.
    func shown(_ name: String, region: String) -> String? {
        switch name {
        case "VisibilityTimeout": String(visibilityTimeout.components.seconds)
        case "MaximumMessageSize": String(maximumMessageSize)
        case "MessageRetentionPeriod": String(retention.components.seconds)
        case "DelaySeconds": String(delay.components.seconds)
        case "ReceiveMessageWaitTimeSeconds": String(receiveWait.components.seconds)
        case "Policy": policy
        case "RedrivePolicy": redrivePolicy.map { RedrivePolicyText.text($0, region: region) }
        case "RedriveAllowPolicy": redriveAllowPolicy.map { RedrivePolicyText.text($0, region: region) }
        case "ContentBasedDeduplication": String(contentBasedDeduplication)
        case "DeduplicationScope": deduplicationScope.rawValue
        case "FifoThroughputLimit": fifoThroughputLimit.rawValue
        case "KmsMasterKeyId": kmsMasterKeyID
        case "KmsDataKeyReusePeriodSeconds":
            kmsDataKeyReusePeriod.map { String($0.components.seconds) } ?? (kmsMasterKeyID == nil ? nil : "300")
        // Queues are encrypted by default since October 2022.
        case "SqsManagedSseEnabled": String(sqsManagedSSEEnabled ?? (kmsMasterKeyID == nil))
        default: nil
        }
    }
}

extension QueueCounts {
    /// The value of one of the `ApproximateNumberOf…` attributes; nil for other names.
    func attribute(_ name: String) -> String? {
        switch name {
        case "ApproximateNumberOfMessages": String(visible)
        case "ApproximateNumberOfMessagesNotVisible": String(notVisible)
        case "ApproximateNumberOfMessagesDelayed": String(delayed)
        default: nil
        }
    }
}
