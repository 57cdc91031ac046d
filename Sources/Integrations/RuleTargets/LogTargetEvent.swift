import JSONCore
import TimeSource

/// The log event that a target which is a log group gets: the input, or the time and the text that the input names.
///
/// An input of the form `{"timestamp": …, "message": …}`, which input transformers make, says both (EventBridge User Guide, "Amazon
/// CloudWatch Logs log group targets").
struct LogTargetEvent: Equatable {
    /// When it happened.
    let timestamp: Timestamp
    /// The text.
    let message: String

    /// The log event of an input that came at an instant.
    init(input: String, at instant: Timestamp) {
        guard let object = (try? JSONParser.parse(input))?.object, object.count == 2, let time = object["timestamp"],
            let message = object["message"], let timestamp = LogTargetEvent.timestamp(time)
        else {
            self.timestamp = instant
            self.message = input
            return
        }
        self.timestamp = timestamp
        self.message = message.text ?? JSONWriter.text(of: message)
    }

    /// Milliseconds since 1970, or the time of an event.
    private static func timestamp(_ value: JSONValue) -> Timestamp? {
        if let milliseconds = value.integer { return Timestamp(milliseconds: milliseconds) }
        guard let text = value.text else { return nil }
        return Int64(text).map(Timestamp.init(milliseconds:)) ?? Timestamp(rfc3339: text)
    }
}
