/// Why a text is no schedule expression.
package struct ScheduleExpressionError: Error, Hashable, Sendable {
    /// What EventBridge answers for any faulty expression of a rule (`ValidationException`).
    package static let ruleMessage = "Parameter ScheduleExpression is not valid."

    /// What is wrong and where, in words for the author of the expression.
    package var reason: String

    /// An error with that reason.
    package init(_ reason: String) {
        self.reason = reason
    }

    /// What EventBridge Scheduler answers for a faulty expression (`ValidationException`).
    package static func scheduleMessage(for expression: String) -> String {
        "Invalid Schedule Expression \(expression)."
    }
}
