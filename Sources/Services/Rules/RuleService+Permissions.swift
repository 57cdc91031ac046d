import AWSProtocols
import JSONCore
import Store

/// The resource policy of a bus. It is stored and returned; within an account nothing asks it.
extension RuleService {
    /// In bytes (EventBridge API Reference, PutPermission).
    private static let policyLimit = 10_240

    @Sendable func putPermission(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let name = try await bus(input, context)
        let arn = EventBusName.arn(name, context)
        let replacement = input.string("Policy")
        if let replacement { try BusPolicy.check(replacement) }
        let statement: JSONValue? = if replacement == nil { try BusPolicy.statement(input, bus: arn) } else { .none }
        try await replaceBus(name, context) { record in
            var policy = replacement.map { Array($0.utf8) } ?? record.policy
            if let statement { policy = BusPolicy.adding(statement, to: record.policy) }
            guard (policy?.count ?? 0) <= RuleService.policyLimit else {
                throw APIError(
                    "PolicyLengthExceededException", "The policy size exceeds the limit of \(RuleService.policyLimit) characters.")
            }
            record.policy = policy
        }
        return [:]
    }

    @Sendable func removePermission(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let name = try await bus(input, context)
        let id = input.string("StatementId")
        let removesAll = input.bool("RemoveAllPermissions") ?? false
        guard removesAll || id != nil else { throw APIError.validation("Parameter(s) StatementId must be specified.") }
        try await replaceBus(name, context) { record in
            guard !removesAll, let id else {
                record.policy = nil
                return
            }
            record.policy = try BusPolicy.removing(id, from: record.policy)
        }
        return [:]
    }
}

/// The JSON of resource policies.
private enum BusPolicy {
    /// Checks a policy that replaces the whole of one.
    static func check(_ text: String) throws(APIError) {
        guard let value = try? JSONParser.parse(text), value["Statement"] != nil else {
            throw .validation("This policy contains invalid Json")
        }
    }

    /// The statement that a request asks for.
    static func statement(_ input: APIStructure, bus: String) throws(APIError) -> JSONValue {
        for name in ["Action", "Principal", "StatementId"] where input.string(name) == nil {
            throw .validation("Parameter(s) \(name) must be specified.")
        }
        let principal = try input.requiredString("Principal")
        let action = try input.requiredString("Action")
        guard action == "events:PutEvents" else { throw .validation("Provided value in parameter 'action' is not supported.") }
        var statement: JSONObject = [
            "Sid": .text(try input.requiredString("StatementId")), "Effect": "Allow",
            "Principal": principal == "*" ? "*" : ["AWS": .text("arn:aws:iam::\(principal):root")], "Action": .text(action),
            "Resource": .text(bus),
        ]
        if let condition = input.structure("Condition") {
            let key = JSONString(try condition.requiredString("Key"))
            statement["Condition"] = .object([
                JSONString(try condition.requiredString("Type")): .object([key: .text(try condition.requiredString("Value"))])
            ])
        }
        return .object(statement)
    }

    /// A policy with a statement, which replaces one of the same id.
    static func adding(_ statement: JSONValue, to policy: [UInt8]?) -> [UInt8] {
        let present = policy.map(statements) ?? []
        return encoded(present.filter { $0["Sid"] != statement["Sid"] } + [statement])
    }

    /// A policy without a statement; nil when none is left.
    static func removing(_ id: String, from policy: [UInt8]?) throws(APIError) -> [UInt8]? {
        let present = policy.map(statements) ?? []
        let left = present.filter { $0["Sid"] != .text(id) }
        guard left.count < present.count else {
            throw APIError("ResourceNotFoundException", "Statement with the provided id does not exist.")
        }
        return left.isEmpty ? nil : encoded(left)
    }

    private static func statements(of policy: [UInt8]) -> [JSONValue] {
        guard let value = (try? JSONParser.parse(policy))?["Statement"] else { return [] }
        return value.array ?? [value]
    }

    private static func encoded(_ statements: [JSONValue]) -> [UInt8] {
        JSONWriter.bytes(of: ["Version": "2012-10-17", "Statement": .array(statements)])
    }
}
