import AWSProtocols
import JSONCore
import Store

extension TopicService {
    /// AddPermission: another statement in the topic's policy.
    @Sendable func addPermission(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let name = try topicName(input.requiredString("TopicArn"), "AddPermission", context)
        let label = try input.requiredString("Label")
        let accounts = input.strings("AWSAccountId")
        let actions = input.strings("ActionName")
        guard !accounts.isEmpty, accounts.allSatisfy({ $0.utf8.count == 12 && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }) else {
            throw SNSError.invalidParameter("AWSAccountId")
        }
        guard !actions.isEmpty, actions.allSatisfy({ TopicAttributes.grantableActions.contains($0) }) else {
            throw SNSError.invalidParameter("Policy statement action out of service scope!")
        }
        let principals = accounts.map { JSONValue.text("arn:aws:iam::\($0):root") }
        let statement: JSONValue = [
            "Sid": .text(label), "Effect": "Allow",
            "Principal": ["AWS": principals.count == 1 ? principals[0] : .array(principals)],
            "Action": actions.count == 1 ? .text("SNS:\(actions[0])") : .array(actions.map { .text("SNS:\($0)") }),
            "Resource": .text(name.arn(region: region)),
        ]
        return try await changePolicy(of: name) { (statements) throws(APIError) in
            guard !statements.contains(where: { $0["Sid"]?.text == label }) else {
                throw SNSError.invalidParameter("Statement already exists")
            }
            statements.append(statement)
        }
    }

    /// RemovePermission: takes a statement out of the topic's policy; no error when there is none of this label.
    @Sendable func removePermission(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let name = try topicName(input.requiredString("TopicArn"), "RemovePermission", context)
        let label = try input.requiredString("Label")
        return try await changePolicy(of: name) { (statements) throws(APIError) in statements.removeAll { $0["Sid"]?.text == label } }
    }

    private func changePolicy(
        of name: TopicName, _ change: @escaping @Sendable (inout [JSONValue]) throws(APIError) -> Void
    ) async throws -> APIStructure {
        defer { publisher.forget(name) }
        return try await retryingRaces {
            let record = try await self.topic(name)
            var attributes = AttributeTable(stored: record.attributes)
            let text = attributes["Policy"] ?? TopicAttributes.defaultPolicy(name.arn(region: self.region), name.account)
            var policy = (try? JSONParser.parse(text))?.object ?? JSONObject()
            // A single statement may stand without a list.
            var statements = policy["Statement"].map { $0.array ?? [$0] } ?? []
            try change(&statements)
            policy["Statement"] = .array(statements)
            attributes["Policy"] = JSONWriter.text(of: .object(policy))
            try await self.database.apply([TopicStore.setAttributes(attributes.encoded, of: record)])
            return [:]
        }
    }
}
