package import ScheduleExpressions
package import Store
package import TimeSource

extension RuleRecord {
    /// Whether the rule acts at all.
    package var isEnabled: Bool { state != .disabled }

    /// The rule's schedule, nil when it has none or it cannot be read. The service checks it before it is stored.
    package var schedule: ScheduleExpression? {
        guard let text = scheduleExpression else { return nil }
        return try? ScheduleExpression(parsing: text, dialect: .rule)
    }

    /// Plans when the rule fires next, in place of what was planned before: statements for the batch that changes the rule.
    package func planning(from now: Timestamp) -> [Statement] {
        let remove = ScheduleStore.removeDue(id)
        guard isEnabled, let next = schedule?.next(after: now, anchor: anchorAt) else { return [remove] }
        return [remove, ScheduleStore.addDue(ScheduleStore.Due(at: next, schedule: id))]
    }
}
