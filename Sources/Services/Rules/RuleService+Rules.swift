import AWSProtocols
import Engine
import EventPatterns
import JSONCore
import ScheduleExpressions
import Store
import TimeSource

extension RuleService {
    @Sendable func put(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let name = try input.requiredString("Name")
        let bus = try await bus(input, context)
        let request = try RuleRequest(input, bus: bus)
        let tags = try RuleTags.parse(input.structures("Tags"))
        return try await retryingRaces {
            let present = try await self.database.read {
                try RuleStore.find(name: name, bus: bus, account: context.account, in: $0)
            }
            let now = self.clock.now
            let record = request.record(
                replacing: present, name: name, bus: bus, account: context.account, id: self.identifiers.orderedUUID(), now: now)
            let arn = record.arn(region: context.region)
            var batch = [present == nil ? RuleStore.create(record) : RuleStore.replace(record)] + record.planning(from: now)
            // PutRule on a rule that is there ignores its tags (EventBridge API Reference, PutRule).
            if present == nil { batch += tags.map { TagStore.set($0.key, to: $0.value, of: arn, account: context.account) } }
            // A bus that is deleted meanwhile must not leave a rule behind.
            if bus != RuleRecord.defaultBus { batch.append(BusStore.requirePresent(name: bus, account: context.account)) }
            try await self.database.apply(batch)
            self.router.changed(bus: bus, account: context.account)
            self.ticker.wake()
            return ["RuleArn": .string(arn)]
        }
    }

    @Sendable func delete(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let name = try input.requiredString("Name")
        let bus = try await bus(input, context)
        return try await retryingRaces {
            let found = try await self.database.read { transaction -> (rule: RuleRecord, hasTargets: Bool)? in
                guard let rule = try RuleStore.find(name: name, bus: bus, account: context.account, in: transaction) else { return nil }
                return (rule, try !RuleTargetStore.list(rule: rule.id, limit: 1, in: transaction).isEmpty)
            }
            // As on AWS, deleting what is not there is no error.
            guard let found else { return [:] }
            guard !found.hasTargets else { throw APIError.validation("Rule can't be deleted since it has targets.") }
            let arn = found.rule.arn(region: context.region)
            try await self.database.apply(RuleStore.delete(found.rule) + [TagStore.removeAll(of: arn, account: context.account)])
            self.router.changed(bus: bus, account: context.account)
            return [:]
        }
    }

    @Sendable func describe(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let bus = try await bus(input, context)
        let record = try await rule(input.requiredString("Name"), bus: bus, context)
        var output = record.apiValue(region: context.region)
        output["CreatedBy"] = .string(record.account)
        return output
    }

    @Sendable func list(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let bus = try await bus(input, context)
        let prefix = input.string("NamePrefix") ?? ""
        let after = try position(input, operation: "ListRules", scope: prefix)
        let (records, token) = try await page(input, operation: "ListRules", scope: prefix, position: \.name) { limit in
            try await database.read {
                try RuleStore.list(account: context.account, bus: bus, prefix: prefix, after: after, limit: limit, in: $0)
            }
        }
        return ["Rules": .list(records.map { .structure($0.apiValue(region: context.region)) }), "NextToken": token]
    }

    @Sendable func enable(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        try await setState(.enabled, context, input)
    }

    @Sendable func disable(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        try await setState(.disabled, context, input)
    }

    private func setState(
        _ state: RuleRecord.State, _ context: RequestContext, _ input: APIStructure
    ) async throws -> APIStructure {
        let name = try input.requiredString("Name")
        let bus = try await bus(input, context)
        return try await retryingRaces {
            var record = try await self.rule(name, bus: bus, context)
            guard record.isEnabled != (state != .disabled) else { return [:] }
            let now = self.clock.now
            record.state = state
            if record.isEnabled { record.anchorAt = now }
            try await self.database.apply([RuleStore.replace(record)] + record.planning(from: now))
            self.router.changed(bus: bus, account: context.account)
            self.ticker.wake()
            return [:]
        }
    }
}

/// What PutRule asks for, checked.
private struct RuleRequest {
    let state: RuleRecord.State
    let scheduleExpression: String?
    let eventPattern: [UInt8]?
    let description: String?
    let roleARN: String?

    init(_ input: APIStructure, bus: String) throws(APIError) {
        state = input.string("State").flatMap(RuleRecord.State.init(rawValue:)) ?? .enabled
        scheduleExpression = input.string("ScheduleExpression").flatMap { $0.isEmpty ? nil : $0 }
        eventPattern = input.string("EventPattern").flatMap { $0.isEmpty ? nil : Array($0.utf8) }
        description = input.string("Description")
        roleARN = input.string("RoleArn")
        guard scheduleExpression != nil || eventPattern != nil else {
            throw .validation("Parameter(s) EventPattern or ScheduleExpression must be specified.")
        }
        guard scheduleExpression == nil || bus == RuleRecord.defaultBus else {
            throw .validation("ScheduleExpression is supported only on the default event bus.")
        }
        if let scheduleExpression, (try? ScheduleExpression(parsing: scheduleExpression, dialect: .rule)) == nil {
            throw .validation(ScheduleExpressionError.ruleMessage)
        }
        if let eventPattern {
            do throws(EventPatternError) {
                _ = try EventPattern(parsing: String(decoding: eventPattern, as: UTF8.self))
            } catch {
                throw EventsError.invalidEventPattern(error.eventPatternMessage)
            }
        }
        if let roleARN, ARN(roleARN)?.service != "iam" {
            throw EventsError.invalidParameter("RoleArn", reason: EventsError.invalidARNReason)
        }
    }

    /// The rule as it is to be. All of a rule that is there is replaced; a rate goes on counting from where it did, unless the expression
    /// is another one or the rule was disabled.
    func record(replacing present: RuleRecord?, name: String, bus: String, account: String, id: String, now: Timestamp) -> RuleRecord {
        guard let present else {
            return RuleRecord(
                id: id, account: account, bus: bus, name: name, state: state, scheduleExpression: scheduleExpression,
                eventPattern: eventPattern, description: description, roleARN: roleARN, anchorAt: now, createdAt: now)
        }
        var record = present
        if !present.isEnabled || present.scheduleExpression != scheduleExpression { record.anchorAt = now }
        record.state = state
        record.scheduleExpression = scheduleExpression
        record.eventPattern = eventPattern
        record.description = description
        record.roleARN = roleARN
        return record
    }
}

extension RuleRecord {
    /// The rule as the API shows it.
    fileprivate func apiValue(region: String) -> APIStructure {
        [
            "Name": .string(name), "Arn": .string(arn(region: region)),
            "EventPattern": .optional(eventPattern.map { String(decoding: $0, as: UTF8.self) }),
            "ScheduleExpression": .optional(scheduleExpression), "State": .string(state.rawValue),
            "Description": .optional(description), "RoleArn": .optional(roleARN), "EventBusName": .string(bus),
        ]
    }
}
