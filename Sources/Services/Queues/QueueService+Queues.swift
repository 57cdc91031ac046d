import AWSProtocols
import Engine
import JSONCore
import Store

/// Creating, finding, listing, purging and deleting queues.
extension QueueService {
    /// How many queues a page has when the request does not say, and at most.
    private static let pageSize = 1_000

    @Sendable func create(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let name = try QueueService.required("QueueName", in: input)
        let values = input.stringMap("Attributes")
        let isFIFO = values.contains { $0.0 == "FifoQueue" && $0.1 == "true" }
        try QueueNameRules.check(name, isFIFO: isFIFO)
        let queue = QueueName(account: context.account, name: name)
        let tags = input.stringMap("tags")
        try QueueTags.check(tags)
        let setting = QueueAttributeSetting(queue: queue, isNew: true)
        var attributes = QueueAttributes()
        try setting.apply(values, to: &attributes)
        try checkDeadLetterQueue(of: queue, attributes, values)
        let statements = tags.map { TagStore.set($0.0, to: $0.1, of: queue.arn(region: region), account: queue.account) }
        let wanted = attributes
        switch try await run({ () async throws(QueueError) in try await queues.create(queue, attributes: wanted, with: statements) }) {
        case .created: break
        case .exists(let record):
            for (name, _) in values where name != "FifoQueue" {
                guard record.attributes.shown(name, region: region) == wanted.shown(name, region: region) else {
                    throw SQSError.queueNameExists(differingIn: name)
                }
            }
        }
        return ["QueueUrl": .string(QueueURL.text(queue, endpoint: context.endpoint))]
    }

    @Sendable func delete(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let queue = try name(input, context)
        try await run { () async throws(QueueError) in try await queues.delete(queue) }
        return [:]
    }

    @Sendable func url(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let name = try QueueService.required("QueueName", in: input)
        let owner = input.string("QueueOwnerAWSAccountId") ?? context.account
        let queue = QueueName(account: context.account, name: name)
        guard owner == context.account, queues.exists(queue) else { throw SQSError.queueDoesNotExist() }
        return ["QueueUrl": .string(QueueURL.text(queue, endpoint: context.endpoint))]
    }

    @Sendable func purge(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let queue = try name(input, context)
        try await run { () async throws(QueueError) in try await queues.purge(queue) }
        return [:]
    }

    @Sendable func list(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let prefix = input.string("QueueNamePrefix") ?? ""
        let page = try page(input, "ListQueues", scope: prefix)
        let names = queues.list(account: context.account, prefix: prefix, after: page.last, limit: page.limit + 1)
        return output(names, "QueueUrls", page, context)
    }

    @Sendable func listDeadLetterSources(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let queue = try record(input, context).name
        let page = try page(input, "ListDeadLetterSourceQueues", scope: queue.name)
        let names = queues.deadLetterSources(of: queue, after: page.last, limit: page.limit + 1)
        var output = output(names, "queueUrls", page, context)
        if output["queueUrls"] == nil { output["queueUrls"] = [] }
        return output
    }

    /// Checks that the dead-letter queue that is set is there, is of the same type, and lets this queue have it.
    func checkDeadLetterQueue(
        of queue: QueueName, _ attributes: QueueAttributes, _ values: [(String, String)]
    ) throws(APIError) {
        guard let policy = attributes.redrivePolicy, let text = values.last(where: { $0.0 == "RedrivePolicy" })?.1 else { return }
        let target = policy.deadLetterQueue
        guard target.account == queue.account else {
            throw RedrivePolicyText.wrong(text, "Dead-letter target owner should be same as the source.")
        }
        guard target.isFIFO == queue.isFIFO else {
            throw RedrivePolicyText.wrong(text, "Dead-letter queue must be same type of queue as the source..")
        }
        guard let record = queues.record(of: target) else {
            throw RedrivePolicyText.wrong(text, "Dead letter target does not exist.")
        }
        guard record.attributes.redriveAllowPolicy?.allows(queue) ?? true else {
            throw RedrivePolicyText.wrong(text, "The redrive allow policy of the dead-letter queue does not allow this source queue.")
        }
    }

    /// Where a page of a list starts and how long it is.
    private struct Page {
        let operation: String
        let scope: String
        let limit: Int
        let last: String?
        /// Without `MaxResults` there is one page, as on AWS.
        let hasToken: Bool
    }

    private func page(_ input: APIStructure, _ operation: String, scope: String) throws(APIError) -> Page {
        let limit = input.integer("MaxResults")
        guard limit.map({ (1...Int64(QueueService.pageSize)).contains($0) }) ?? true else {
            throw SQSError.invalidValue(
                String(limit ?? 0), of: "MaxResults", "MaxResults must be an integer between 1 and \(QueueService.pageSize).")
        }
        var last: String?
        if let token = input.string("NextToken"), !token.isEmpty {
            last = (try? PageToken.position(in: token, operation: operation, scope: scope))?.text
            guard last != nil else { throw SQSError.invalidParameter("Invalid or expired next token.") }
        }
        return Page(
            operation: operation, scope: scope, limit: limit.map { Int($0) } ?? QueueService.pageSize, last: last,
            hasToken: limit != nil)
    }

    private func output(_ names: [QueueName], _ member: String, _ page: Page, _ context: RequestContext) -> APIStructure {
        var output = APIStructure()
        let shown = names.prefix(page.limit)
        guard let last = shown.last else { return output }
        output.append(member, .strings(shown.map { QueueURL.text($0, endpoint: context.endpoint) }))
        if page.hasToken, names.count > shown.count {
            let token = PageToken(operation: page.operation, scope: page.scope, position: .text(last.name))
            output.append("NextToken", .string(token.text))
        }
        return output
    }
}
