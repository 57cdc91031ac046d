import ByteCoding
import JSONCore

/// The name of a move task as clients hold it: its id and its source, in Base64 as on AWS.
struct MoveTaskHandle {
    /// The task's id.
    let taskID: String
    /// The ARN of the queue that it moves from.
    let sourceARN: String

    /// A handle of these parts.
    init(taskID: String, sourceARN: String) {
        self.taskID = taskID
        self.sourceARN = sourceARN
    }

    /// The handle of a text that a client sent; nil when it is none.
    init?(_ text: String) {
        guard let bytes = Base64.decode(text.utf8), let object = (try? JSONParser.parse(bytes))?.object,
            let taskID = object["taskId"]?.text, let sourceARN = object["sourceArn"]?.text
        else { return nil }
        self.init(taskID: taskID, sourceARN: sourceARN)
    }

    /// The handle as text.
    var text: String {
        Base64.text(JSONWriter.bytes(of: ["taskId": .text(taskID), "sourceArn": .text(sourceARN)]))
    }
}
