/// Why a pattern or filter policy cannot be used.
package struct EventPatternError: Error, Hashable, Sendable {
    /// What is wrong, in the words of AWS's own pattern compiler.
    package var reason: String

    /// An error with that reason.
    package init(_ reason: String) {
        self.reason = reason
    }

    /// What EventBridge answers (`InvalidEventPatternException`).
    package var eventPatternMessage: String { "Event pattern is not valid. Reason: \(reason)" }

    /// What SNS answers when a subscription's policy is set (`InvalidParameter`).
    package var filterPolicyMessage: String { "Invalid parameter: FilterPolicy: \(reason)" }
}
