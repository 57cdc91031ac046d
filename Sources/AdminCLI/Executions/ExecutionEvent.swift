package import JSONCore
package import TimeSource

/// A history event as GetExecutionHistory answers it.
package struct ExecutionEvent: Sendable {
    /// The event's number.
    package let id: Int64
    /// The event before it in its branch; 0 for the first.
    package let previousID: Int64
    /// The event's type as the API spells it.
    package let type: String
    /// When it happened.
    package let at: Timestamp
    /// What is told about it: the one member whose name ends in `EventDetails`.
    package let details: JSONObject
    /// The event as it came.
    package let json: JSONObject

    /// Reads an event; nil when it is none.
    package init?(_ value: JSONValue) {
        guard let object = value.object, let id = object["id"]?.integer, let type = object["type"]?.text,
            let seconds = object["timestamp"]?.number?.double
        else { return nil }
        self.id = id
        self.type = type
        previousID = object["previousEventId"]?.integer ?? 0
        at = Timestamp(apiSeconds: seconds)
        details = object.members.first { $0.key.text.hasSuffix("EventDetails") }?.value.object ?? [:]
        json = object
    }

    /// A detail that is text.
    package func text(_ member: String) -> String? { details[member]?.text }

    /// Whether the execution is over with it.
    package var endsExecution: Bool {
        ["ExecutionSucceeded", "ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted"].contains(type)
    }
}

extension Timestamp {
    /// The instant of a time in AWS's JSON protocols: seconds with three decimals.
    package init(apiSeconds seconds: Double) {
        self.init(milliseconds: Int64((seconds * 1000).rounded()))
    }
}
