import AWSProtocols
import JSONCore
import Store

/// Who is told of what in a bucket (S3 User Guide, "Amazon S3 Event Notifications").
struct NotificationSettings: Sendable, Equatable {
    /// What kind of destination. Raw values are the members of requests.
    enum Kind: String, Sendable, CaseIterable {
        case queue = "QueueConfigurations"
        case topic = "TopicConfigurations"
        case function = "LambdaFunctionConfigurations"

        /// The member that holds the ARN.
        var arnMember: String {
            switch self {
            case .queue: "QueueArn"
            case .topic: "TopicArn"
            case .function: "LambdaFunctionArn"
            }
        }

        /// The element that held the ARN in the first edition of the API, which errors still name.
        var argument: String {
            switch self {
            case .queue: "Queue"
            case .topic: "Topic"
            case .function: "CloudFunction"
            }
        }
    }

    /// One destination with what it is told of.
    struct Entry: Sendable, Equatable {
        let kind: Kind
        let id: String
        let arn: String
        /// Event types as in requests, `s3:ObjectCreated:*`.
        let events: [String]
        /// What keys begin and end with; empty for all.
        var prefix = ""
        var suffix = ""

        /// Whether it is told of an event type (without `s3:`) on a key.
        func wants(_ event: String, _ key: ObjectKey) -> Bool {
            events.contains { NotificationSettings.covers($0, "s3:\(event)") } && key.bytes.starts(with: prefix.utf8)
                && key.bytes.reversed().starts(with: suffix.utf8.reversed())
        }
    }

    /// The destinations.
    var entries: [Entry] = []
    /// Whether everything goes to the default event bus too.
    var toEventBridge = false

    /// Nobody is told of anything.
    init() {}

    /// Event types that exist (S3 User Guide, "Supported event types for SQS, SNS, and Lambda").
    private static let supported: Set<String> = [
        "s3:TestEvent", "s3:ReducedRedundancyLostObject", "s3:ObjectCreated:*", "s3:ObjectCreated:Put", "s3:ObjectCreated:Post",
        "s3:ObjectCreated:Copy", "s3:ObjectCreated:CompleteMultipartUpload", "s3:ObjectRemoved:*", "s3:ObjectRemoved:Delete",
        "s3:ObjectRemoved:DeleteMarkerCreated", "s3:ObjectRestore:*", "s3:ObjectRestore:Post", "s3:ObjectRestore:Completed",
        "s3:ObjectRestore:Delete", "s3:Replication:*", "s3:Replication:OperationFailedReplication", "s3:Replication:OperationNotTracked",
        "s3:Replication:OperationMissedThreshold", "s3:Replication:OperationReplicatedAfterThreshold", "s3:LifecycleTransition",
        "s3:IntelligentTiering", "s3:ObjectAcl:Put", "s3:LifecycleExpiration:*", "s3:LifecycleExpiration:Delete",
        "s3:LifecycleExpiration:DeleteMarkerCreated", "s3:ObjectTagging:*", "s3:ObjectTagging:Put", "s3:ObjectTagging:Delete",
    ]

    /// Whether one event type is the other, or all of its kind.
    static func covers(_ type: String, _ event: String) -> Bool {
        type == event || (type.hasSuffix("*") && event.hasPrefix(type.dropLast()))
    }

    /// The settings of a `NotificationConfiguration`.
    init(_ configuration: APIStructure) throws(APIError) {
        toEventBridge = configuration.structure("EventBridgeConfiguration") != nil
        for kind in Kind.allCases {
            for item in configuration.structures(kind.rawValue) {
                let events = item.strings("Events")
                guard !events.isEmpty, let arn = item.string(kind.arnMember) else { throw S3Error.malformedXML() }
                guard ARN(arn) != nil else { throw S3Error.invalidArgument(kind.argument, arn, "The ARN could not be parsed") }
                for event in events where !NotificationSettings.supported.contains(event) {
                    throw S3Error.invalidArgument("Event", event, "The event '\(event)' is not supported for notifications")
                }
                var entry = Entry(kind: kind, id: item.string("Id") ?? "", arn: arn, events: events)
                try entry.read(item.structure("Filter")?.structure("Key")?.structures("FilterRules") ?? [])
                for other in entries where other.overlaps(entry) {
                    throw APIError(
                        "InvalidArgument",
                        "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are overlapping for the same event type.",
                        httpStatus: 400)
                }
                entries.append(entry)
            }
        }
    }

    /// Whether there is nothing to tell.
    var isEmpty: Bool { entries.isEmpty && !toEventBridge }
}

extension NotificationSettings.Entry {
    /// Reads filter rules: a prefix and a suffix, once each.
    fileprivate mutating func read(_ rules: [APIStructure]) throws(APIError) {
        var seen: Set<String> = []
        for rule in rules {
            let given = rule.string("Name") ?? ""
            let name = given.lowercased()
            let value = rule.string("Value") ?? ""
            guard name == "prefix" || name == "suffix" else {
                throw S3Error.invalidArgument("FilterRule.Name", given, "filter rule name must be either prefix or suffix")
            }
            guard seen.insert(name).inserted else {
                throw S3Error.invalidArgument("FilterRule.Name", name, "Cannot specify more than one \(name) rule in a filter.")
            }
            guard value.utf8.count <= ObjectKey.limit else {
                throw S3Error.invalidArgument("FilterRule.Value", value, "Size of filter rule value cannot exceed 1024 bytes in UTF-8")
            }
            if name == "prefix" { prefix = value } else { suffix = value }
        }
    }

    /// Whether one event on one key could be told to both.
    fileprivate func overlaps(_ other: NotificationSettings.Entry) -> Bool {
        let sharesEvent = events.contains { mine in
            other.events.contains { NotificationSettings.covers(mine, $0) || NotificationSettings.covers($0, mine) }
        }
        let prefixes = [Array(prefix.utf8), Array(other.prefix.utf8)]
        let suffixes = [Array(suffix.utf8.reversed()), Array(other.suffix.utf8.reversed())]
        func overlap(_ pair: [[UInt8]]) -> Bool { pair[0].starts(with: pair[1]) || pair[1].starts(with: pair[0]) }
        return sharesEvent && overlap(prefixes) && overlap(suffixes)
    }
}
