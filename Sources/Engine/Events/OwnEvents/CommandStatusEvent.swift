import JSONCore
import Store
import TimeSource

/// `EC2 Command Status-change Notification` and `EC2 Command Invocation Status-change Notification` (Systems Manager User Guide,
/// "EventBridge event examples for Systems Manager").
struct CommandStatusEvent {
    /// The command's own number.
    let command: Int64
    /// The event's id, fixed with its row.
    let eventID: String
    /// When the status changed, by the wall clock.
    let time: Timestamp
    /// The status that it changed to; nil for the one in which it has ended.
    let status: String?

    /// Nodes whose ARNs an event names, at most: one event holds no more than 256 KB.
    static let resourceLimit = 50

    init(command: Int64, eventID: String, time: Timestamp, status: String?) {
        self.command = command
        self.eventID = eventID
        self.time = time
        self.status = status
    }

    /// What stands in the delivery.
    var stored: [UInt8] {
        var object: JSONObject = ["command": .integer(command), "event": .text(eventID), "time": .integer(time.milliseconds)]
        object["status"] = status.map(JSONValue.text)
        return JSONWriter.bytes(of: .object(object))
    }

    /// Reads what `stored` wrote; nil when it is none.
    init?(stored: [UInt8]) {
        guard let value = try? JSONParser.parse(stored), let command = value["command"]?.integer, let event = value["event"]?.text,
            let time = value["time"]?.integer
        else { return nil }
        self.init(command: command, eventID: event, time: Timestamp(milliseconds: time), status: value["status"]?.text)
    }

    /// The event, with what the store says of the command; nil when the command is forgotten.
    func event(region: String, in transaction: any ReadTransaction) throws(StoreError) -> BusEvent? {
        guard let (record, progress) = try CommandStore.find(number: command, in: transaction) else { return nil }
        let nodes = try InvocationStore.list(command: command, after: "", limit: CommandStatusEvent.resourceLimit, in: transaction)
        var detail = CommandStatusEvent.facts(record)
        detail["expire-after"] = .text(record.expiresAt.iso8601Milliseconds)
        detail["parameters"] = (try? JSONParser.parse(record.request))?["Parameters"] ?? [:]
        detail["status"] = .text(status ?? CommandStatus(record, progress).status)
        return BusEvent(
            id: eventID, account: record.account, source: OwnEventType.commandStatusChange.source,
            detailType: OwnEventType.commandStatusChange.detailType, time: time,
            resources: nodes.map { CommandStatusEvent.nodeARN($0.key.node, account: record.account, region: region) },
            detail: .object(detail), region: region)
    }

    /// What the event about one node says.
    static func invocationDetail(_ command: CommandRecord, node: String, status: InvocationState.Status) -> JSONValue {
        var detail = facts(command)
        detail["instance-id"] = .text(node)
        detail["status"] = .text(status.rawValue)
        return .object(detail)
    }

    private static func facts(_ command: CommandRecord) -> JSONObject {
        [
            "command-id": .text(command.id), "document-name": .text(command.documentName),
            "requested-date-time": .text(command.requestedAt.iso8601Milliseconds),
        ]
    }

    /// The ARN of a node: instances of EC2 keep theirs, others are managed nodes.
    static func nodeARN(_ node: String, account: String, region: String) -> String {
        node.hasPrefix("mi-")
            ? "arn:aws:ssm:\(region):\(account):managed-instance/\(node)" : "arn:aws:ec2:\(region):\(account):instance/\(node)"
    }
}
