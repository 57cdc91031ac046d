import Engine
import JSONCore
import Store
import TimeSource

/// The texts that Systems Manager sends to topics (User Guide, "Example Amazon SNS notifications for AWS Systems Manager").
enum CommandNoticeMessage {
    /// About a command as a whole. With targets instead of instance ids the list of ids is empty.
    static func command(_ command: CommandRecord, status: String, at time: Timestamp) -> String {
        let request = (try? JSONParser.parse(command.request)) ?? .null
        return JSONWriter.text(
            of: [
                "commandId": .text(command.id), "documentName": .text(command.documentName),
                "instanceIds": request["InstanceIds"] ?? [], "requestedDateTime": .text(instant(command.requestedAt)),
                "expiresAfter": .text(instant(CommandView.expiry(of: command))),
                "outputS3BucketName": .text(request["OutputS3BucketName"]?.text ?? ""),
                "outputS3KeyPrefix": .text(request["OutputS3KeyPrefix"]?.text ?? ""), "status": .text(status),
                "eventTime": .text(instant(time)),
            ])
    }

    /// About its share on one node.
    static func invocation(_ command: CommandRecord, node: String, status: String, at time: Timestamp) -> String {
        JSONWriter.text(
            of: [
                "commandId": .text(command.id), "documentName": .text(command.documentName), "instanceId": .text(node),
                "requestedDateTime": .text(instant(command.requestedAt)), "status": .text(status),
                "eventTime": .text(instant(time)),
            ])
    }

    /// `2019-04-25T17:57:09.17Z`: milliseconds without zeros at their end.
    static func instant(_ time: Timestamp) -> String {
        guard time.milliseconds % 1_000 != 0 else { return time.iso8601Seconds }
        var text = time.iso8601Milliseconds.dropLast()
        while text.last == "0" { text.removeLast() }
        return text + "Z"
    }
}

/// What stands in a delivery to a topic.
enum CommandNoticeDelivery: Sendable, Hashable {
    case complete(topic: String, message: String)
    /// About a command as a whole: `status`, or nil for the one in which it has ended.
    case pending(topic: String, command: Int64, status: String?, time: Timestamp)

    /// The stored form.
    var stored: [UInt8] {
        switch self {
        case .complete(let topic, let message):
            return JSONWriter.bytes(of: ["topic": .text(topic), "message": .text(message)])
        case .pending(let topic, let command, let status, let time):
            var object: JSONObject = [
                "topic": .text(topic), "command": .integer(command), "time": .integer(time.milliseconds),
            ]
            if let status { object["status"] = .text(status) }
            return JSONWriter.bytes(of: .object(object))
        }
    }

    /// Reads what `stored` wrote; nil when it is none.
    init?(stored: [UInt8]) {
        guard let value = try? JSONParser.parse(stored), let topic = value["topic"]?.text else { return nil }
        if let message = value["message"]?.text {
            self = .complete(topic: topic, message: message)
        } else if let command = value["command"]?.integer, let time = value["time"]?.integer {
            self = .pending(topic: topic, command: command, status: value["status"]?.text, time: Timestamp(milliseconds: time))
        } else {
            return nil
        }
    }
}
