import JSONCore
import TimeSource

/// How a message fared.
package struct WorkerOutcome: Hashable, Sendable {
    /// The message.
    package let message: QueueMessage
    /// How its command ended.
    package let end: CommandEnd
    /// How long the command ran.
    package let duration: Duration
    /// What was to become of the message.
    package let settlement: WorkerPlan.Settlement
    /// Whether that succeeded.
    package let result: WorkerPlan.SettlementResult
    /// Whether the message was given to others while the command ran.
    package let wasLost: Bool

    /// `deleted`, `released`, `released for 30 s`, or what stood in the way.
    package var fate: String {
        switch (settlement, result) {
        case (.delete, .done): "deleted"
        case (.release(.zero), .done): "released"
        case (.release(let delay), .done): "released for \(delay.components.seconds) s"
        case (.delete, .refused(let reason)): "not deleted: \(reason)"
        case (.delete, .unanswered): "not deleted, it will come again: the server does not answer"
        case (.release, .refused(let reason)): "not released: \(reason)"
        case (.release, .unanswered): "not released, it comes again after its visibility timeout: the server does not answer"
        }
    }

    /// `exit 0  0.32 s  deleted`, behind the message's id.
    func line(_ style: OutputStyle) -> String {
        let role: OutputStyle.Role = end.isSuccess ? (result == .done && !wasLost ? .good : .doubtful) : .bad
        let count = message.receiveCount > 1 ? ", received \(message.receiveCount) times" : ""
        return "\(message.id)  \(style.paint(end.text, role))  \(DurationText.text(duration))  \(fate)\(count)"
    }

    /// The outcome as a document, for `--json`.
    func document(at instant: Timestamp) -> JSONValue {
        var members: JSONObject = [
            "timestamp": .text(instant.iso8601Milliseconds), "messageId": .text(message.id), "receiveCount": .integer(message.receiveCount),
            "seconds": JSONNumber(Double(duration.wholeMilliseconds) / 1000).map(JSONValue.number) ?? .integer(0), "fate": .text(fate),
        ]
        switch end {
        case .exited(let code): members["exitCode"] = .integer(Int(code))
        case .signalled(let number): members["signal"] = .integer(Int(number))
        case .notStarted(let reason, _): members["problem"] = .text(reason)
        case .notTried: break
        }
        if wasLost { members["visibilityWasLost"] = true }
        return .object(members)
    }
}
