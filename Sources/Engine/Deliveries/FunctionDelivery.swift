import JSONCore

/// An asynchronous invocation on its way: what stands in the body of deliveries of the kind `function`. Its request id is the
/// delivery's id.
package struct FunctionDelivery: Sendable, Hashable {
    /// The kind.
    package static let kind = "function"

    /// The function's ARN.
    package var functionARN: String
    /// The event, as JSON text.
    package var payload: [UInt8]
    /// Where the event of a rule goes when the function cannot be run, or failed for good.
    package var deadLetter: RuleDeadLetter?
    /// Attempts that started the function and failed.
    package static let maximumAttempts = 3

    /// An invocation with this event.
    package init(functionARN: String, payload: [UInt8], deadLetter: RuleDeadLetter? = nil) {
        self.functionARN = functionARN
        self.payload = payload
        self.deadLetter = deadLetter
    }

    /// The body of the delivery.
    package var encoded: [UInt8] {
        var object: JSONObject = ["function": .text(functionARN), "payload": .text(String(decoding: payload, as: UTF8.self))]
        object["deadLetter"] = deadLetter?.value
        return JSONWriter.bytes(of: .object(object))
    }

    /// Reads a body; nil when it is none.
    package init?(encoded: [UInt8]) {
        guard let value = try? JSONParser.parse(encoded), let function = value["function"]?.text,
            let payload = value["payload"]?.string
        else { return nil }
        self.init(
            functionARN: function, payload: payload.bytes, deadLetter: value["deadLetter"].flatMap(RuleDeadLetter.init))
    }
}
