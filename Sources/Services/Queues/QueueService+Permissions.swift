import AWSProtocols
import Engine
import Store

/// Permissions edit the queue's policy, which is stored and returned; accounts are tenants that nothing crosses.
extension QueueService {
    /// What a permission may allow (Amazon SQS API Reference, AddPermission and "Amazon SQS API permissions").
    private static let actions: Set = [
        "*", "AddPermission", "CancelMessageMoveTask", "ChangeMessageVisibility", "ChangeMessageVisibilityBatch", "CreateQueue",
        "DeleteMessage", "DeleteMessageBatch", "DeleteQueue", "GetQueueAttributes", "GetQueueUrl", "ListDeadLetterSourceQueues",
        "ListMessageMoveTasks", "ListQueueTags", "ListQueues", "PurgeQueue", "ReceiveMessage", "RemovePermission", "SendMessage",
        "SendMessageBatch", "SetQueueAttributes", "StartMessageMoveTask", "TagQueue", "UntagQueue",
    ]
    private static let actionLimit = 7

    @Sendable func addPermission(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let record = try record(input, context)
        let label = try label(input)
        let accounts = input.strings("AWSAccountIds")
        let actions = input.strings("Actions")
        guard !accounts.isEmpty else { throw SQSError.missing("AWSAccountIds") }
        guard !actions.isEmpty else { throw SQSError.missing("Actions") }
        guard actions.count <= QueueService.actionLimit else {
            throw APIError(
                "OverLimit", "\(actions.count) Actions were found, maximum allowed is \(QueueService.actionLimit).")
        }
        for action in actions where !QueueService.actions.contains(action) {
            throw SQSError.invalidValue(
                "SQS:\(action)", of: "ActionName", "Please refer to the appropriate WSDL for a list of valid actions.")
        }
        for account in accounts where account.utf8.count != 12 || Int64(account) == nil {
            throw SQSError.invalidValue("[\(account)]", of: "PrincipalId", "Unable to verify.")
        }
        let arn = record.name.arn(region: region)
        guard !QueuePolicyDocument(text: record.attributes.policy, arn: arn).contains(label) else {
            throw SQSError.invalidValue(label, of: "Label", "Already exists.")
        }
        try await edit(record.name) { policy in
            if !policy.contains(label) { policy.add(label: label, accounts: accounts, actions: actions, arn: arn) }
        }
        return [:]
    }

    @Sendable func removePermission(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let record = try record(input, context)
        let label = try label(input)
        guard QueuePolicyDocument(text: record.attributes.policy, arn: "").contains(label) else {
            throw SQSError.invalidValue(label, of: "Label", "can't find label.")
        }
        try await edit(record.name) { $0.remove(label) }
        return [:]
    }

    private func label(_ input: APIStructure) throws(APIError) -> String {
        let label = try QueueService.required("Label", in: input)
        guard label.utf8.count <= 80, label.utf8.allSatisfy(QueueNameRules.isNameByte) else {
            throw SQSError.invalidValue(
                label, of: "Label", "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length.")
        }
        return label
    }

    private func edit(_ queue: QueueName, _ change: @escaping @Sendable (inout QueuePolicyDocument) -> Void) async throws(APIError) {
        let arn = queue.arn(region: region)
        try await run { () async throws(QueueError) in
            try await queues.setAttributes(of: queue) { attributes in
                var policy = QueuePolicyDocument(text: attributes.policy, arn: arn)
                change(&policy)
                attributes.policy = policy.text
            }
        }
    }
}
