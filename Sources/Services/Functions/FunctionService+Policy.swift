import AWSProtocols
import JSONCore
import Store
import TimeSource

extension FunctionService {
    /// AddPermission.
    @Sendable func addPermission(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let reference = try reference(input, context)
        let statement = try FunctionPolicy.statement(input, resource: reference.arn, account: reference.account)
        let sid = try input.requiredString("StatementId")
        try await changePolicy(reference, expecting: input.string("RevisionId")) { (policy) throws(APIError) in
            guard !policy.statements.contains(where: { $0["Sid"]?.text == sid }) else {
                throw LambdaError.conflict(
                    "The statement id (\(sid)) provided already exists. Please provide a new statement id, or remove the existing statement."
                )
            }
            policy.statements.append(statement)
        }
        return ["Statement": .string(JSONWriter.text(of: statement))]
    }

    /// RemovePermission.
    @Sendable func removePermission(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let sid = try input.requiredString("StatementId")
        try await changePolicy(try reference(input, context), expecting: input.string("RevisionId")) { (policy) throws(APIError) in
            guard let index = policy.statements.firstIndex(where: { $0["Sid"]?.text == sid }) else {
                throw LambdaError.notFound("Statement \(sid) is not found in resource policy.")
            }
            policy.statements.remove(at: index)
        }
        return [:]
    }

    /// GetPolicy.
    @Sendable func getPolicy(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let reference = try reference(input, context)
        _ = try await find(reference)
        guard let record = try await policy(of: reference) else {
            throw LambdaError.notFound("The resource you requested does not exist.")
        }
        return [
            "Policy": .string(String(decoding: record.policy, as: UTF8.self)), "RevisionId": .string(record.revisionID),
        ]
    }

    private func changePolicy(
        _ reference: FunctionReference, expecting expected: String?, _ body: (inout FunctionPolicy) throws(APIError) -> Void
    ) async throws {
        for _ in 0..<5 {
            _ = try await find(reference)
            let old = try await policy(of: reference)
            guard expected == nil || expected == old?.revisionID else { throw LambdaError.wrongRevision(readBy: "GetPolicy") }
            var policy = FunctionPolicy(stored: old?.policy)
            try body(&policy)
            let qualifier = reference.qualifier ?? ""
            let record = FunctionPolicyStore.Record(
                revisionID: dependencies.identifiers.uuid(), policy: JSONWriter.bytes(of: policy.document))
            let statement: Statement
            if policy.statements.isEmpty, let old {
                statement = FunctionPolicyStore.remove(
                    name: reference.name, account: reference.account, qualifier: qualifier, from: old.revisionID)
            } else {
                statement = FunctionPolicyStore.set(
                    record, name: reference.name, account: reference.account, qualifier: qualifier, from: old?.revisionID)
            }
            if try await commit([statement]) { return }
        }
        throw StoreError(.conflict).apiError
    }

    private func policy(of reference: FunctionReference) async throws -> FunctionPolicyStore.Record? {
        try await database.read { transaction in
            try FunctionPolicyStore.find(
                name: reference.name, account: reference.account, qualifier: reference.qualifier ?? "", in: transaction)
        }
    }
}

/// A function's resource policy. It is stored and shown; nothing but the account's own principals can invoke a function anyway.
struct FunctionPolicy {
    /// The statements in the order of their making.
    var statements: [JSONValue]

    /// Reads a stored policy; none has no statements.
    init(stored: [UInt8]?) {
        statements = stored.flatMap { try? JSONParser.parse($0) }?["Statement"]?.array ?? []
    }

    /// The policy document.
    var document: JSONValue {
        ["Version": "2012-10-17", "Id": "default", "Statement": .array(statements)]
    }

    /// The statement that AddPermission's members make.
    static func statement(_ input: APIStructure, resource: String, account: String) throws(APIError) -> JSONValue {
        var statement: JSONObject = [
            "Sid": .text(try input.requiredString("StatementId")), "Effect": "Allow",
            "Principal": principal(try input.requiredString("Principal")), "Action": .text(try input.requiredString("Action")),
            "Resource": .text(resource),
        ]
        var condition = JSONObject()
        var equal = JSONObject()
        if let source = input.string("SourceAccount") { equal.set("AWS:SourceAccount", .text(source)) }
        if let organisation = input.string("PrincipalOrgID") { equal.set("aws:PrincipalOrgID", .text(organisation)) }
        if let token = input.string("EventSourceToken") { equal.set("lambda:EventSourceToken", .text(token)) }
        if !equal.isEmpty { condition.set("StringEquals", .object(equal)) }
        if let source = input.string("SourceArn") { condition.set("ArnLike", ["AWS:SourceArn": .text(source)]) }
        if !condition.isEmpty { statement.set("Condition", .object(condition)) }
        return .object(statement)
    }

    /// A service by its name, an account by its root, everybody, or an ARN.
    private static func principal(_ text: String) -> JSONValue {
        if text == "*" { return "*" }
        if text.hasSuffix(".amazonaws.com") { return ["Service": .text(text)] }
        let isAccount = text.utf8.count == 12 && text.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
        return ["AWS": .text(isAccount ? "arn:aws:iam::\(text):root" : text)]
    }
}
