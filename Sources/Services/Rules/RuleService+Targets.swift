import AWSProtocols
import Engine
import JSONCore
import Store

extension RuleService {
    @Sendable func putTargets(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let name = try input.requiredString("Rule")
        let bus = try await bus(input, context)
        var targets: [RuleTargetRequest] = []
        for entry in input.structures("Targets") {
            let target = try RuleTargetRequest(entry)
            guard !targets.contains(where: { $0.id == target.id }) else {
                throw APIError.validation("Duplicate target id in request: \(target.id).")
            }
            targets.append(target)
        }
        return try await retryingRaces { [targets] in
            let rule = try await self.rule(name, bus: bus, context)
            let present = try await self.targetIDs(of: rule)
            guard present.union(targets.map(\.id)).count <= RuleTargetRequest.limit else { throw EventsError.limitExceeded() }
            try await self.database.apply([RuleStore.touch(rule)] + targets.map { RuleTargetStore.put($0.record(of: rule)) })
            self.router.changed(bus: bus, account: context.account)
            return ["FailedEntryCount": 0, "FailedEntries": []]
        }
    }

    @Sendable func removeTargets(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let name = try input.requiredString("Rule")
        let bus = try await bus(input, context)
        let ids = input.strings("Ids")
        return try await retryingRaces {
            let rule = try await self.rule(name, bus: bus, context)
            let present = try await self.targetIDs(of: rule)
            try await self.database.apply(
                [RuleStore.touch(rule)] + ids.filter(present.contains).map { RuleTargetStore.remove($0, of: rule.id) })
            self.router.changed(bus: bus, account: context.account)
            let failed = ids.filter { !present.contains($0) }.map { id -> APIValue in
                [
                    "TargetId": .string(id), "ErrorCode": "ResourceNotFoundException",
                    "ErrorMessage": .string("Rule '\(name)' does not have a target with the Id '\(id)'."),
                ]
            }
            return ["FailedEntryCount": .integer(Int64(failed.count)), "FailedEntries": .list(failed)]
        }
    }

    @Sendable func listTargets(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let bus = try await bus(input, context)
        let rule = try await rule(input.requiredString("Rule"), bus: bus, context)
        let after = try position(input, operation: "ListTargetsByRule", scope: rule.id)
        let (targets, token) = try await page(input, operation: "ListTargetsByRule", scope: rule.id, position: \.id) { limit in
            try await database.read { try RuleTargetStore.list(rule: rule.id, after: after, limit: limit, in: $0) }
        }
        return [
            "Targets": .list(targets.compactMap { (try? JSONParser.parse($0.settings)).map(APIValue.init) }), "NextToken": token,
        ]
    }

    @Sendable func listRuleNames(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let arn = try input.requiredString("TargetArn")
        let bus = try await bus(input, context)
        let after = try position(input, operation: "ListRuleNamesByTarget", scope: arn)
        let (names, token) = try await page(input, operation: "ListRuleNamesByTarget", scope: arn, position: \.self) { limit in
            try await database.read {
                try RuleTargetStore.ruleNames(
                    target: arn, account: context.account, bus: bus, after: after, limit: limit, in: $0)
            }
        }
        return ["RuleNames": .strings(names), "NextToken": token]
    }

    private func targetIDs(of rule: RuleRecord) async throws -> Set<String> {
        Set(try await database.read { try RuleTargetStore.list(rule: rule.id, limit: .max, in: $0).map(\.id) })
    }
}
