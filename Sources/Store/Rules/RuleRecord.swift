package import TimeSource

/// A rule of an event bus as stored: which events or which times it is for. Its targets are rows of their own.
package struct RuleRecord: Sendable, Hashable {
    /// Whether a rule acts, as AWS spells it.
    package enum State: String, Sendable, Hashable {
        case enabled = "ENABLED"
        case disabled = "DISABLED"
        case enabledWithAllCloudTrailManagementEvents = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
    }

    /// Our own name for it: a rule made again under the same name is another one.
    package let id: String
    /// The account.
    package let account: String
    /// The name of its bus.
    package let bus: String
    /// The name, unique on the bus.
    package let name: String
    /// Grows with each change of the rule or of its targets.
    package var revision: Int64
    /// Whether it acts.
    package var state: State
    /// `rate(…)` or `cron(…)`, nil for a rule that is only for events.
    package var scheduleExpression: String?
    /// The pattern's JSON text as given, nil for a rule that is only a schedule.
    package var eventPattern: [UInt8]?
    /// What it is for.
    package var description: String?
    /// The role of targets that name none.
    package var roleARN: String?
    /// What a rate counts from: when the rule was created, enabled, or given another expression.
    package var anchorAt: Timestamp
    /// When it was created.
    package let createdAt: Timestamp

    /// A rule of these facts.
    package init(
        id: String, account: String, bus: String, name: String, revision: Int64 = 1, state: State, scheduleExpression: String?,
        eventPattern: [UInt8]?, description: String?, roleARN: String?, anchorAt: Timestamp, createdAt: Timestamp
    ) {
        self.id = id
        self.account = account
        self.bus = bus
        self.name = name
        self.revision = revision
        self.state = state
        self.scheduleExpression = scheduleExpression
        self.eventPattern = eventPattern
        self.description = description
        self.roleARN = roleARN
        self.anchorAt = anchorAt
        self.createdAt = createdAt
    }
}

/// A target of a rule as stored.
package struct RuleTargetRecord: Sendable, Hashable {
    /// The rule's own id.
    package let rule: String
    /// The target's id, unique in the rule.
    package let id: String
    /// What is called.
    package let arn: String
    /// Everything else that was put, as the JSON of the API's `Target`.
    package let settings: [UInt8]

    /// A target of these facts.
    package init(rule: String, id: String, arn: String, settings: [UInt8]) {
        self.rule = rule
        self.id = id
        self.arn = arn
        self.settings = settings
    }
}
