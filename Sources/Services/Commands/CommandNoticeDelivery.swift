import JSONCore
import TimeSource

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
