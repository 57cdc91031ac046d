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
