import AWSProtocols
import Engine
import JSONCore
import Store

/// One entry of PutTargets, checked.
struct RuleTargetRequest {
    /// The target's id.
    let id: String
    private let arn: String
    private let settings: JSONObject

    /// How many targets a rule may have (EventBridge User Guide, "Quotas", Targets per rule).
    static let limit = 5

    /// Reads an entry; what is wrong with it is an error of the whole request, as on AWS.
    init(_ target: APIStructure) throws(APIError) {
        id = try target.requiredString("Id")
        arn = try target.requiredString("Arn")
        settings = JSONObject(target.plainJSON.members.filter { !$0.value.isNull }.map { ($0.key, $0.value) })
        guard let parsed = ARN(arn) else {
            throw EventsError.invalidParameter(arn, reason: EventsError.invalidARNReason)
        }
        for role in [target.string("RoleArn")] where role != nil && role.flatMap({ ARN($0)?.service }) != "iam" {
            throw EventsError.invalidParameter("RoleArn", reason: EventsError.invalidARNReason)
        }
        do throws(RuleTargetSettings.Fault) {
            _ = try RuleTargetSettings(settings)
        } catch {
            throw .validation(error.reason)
        }
        if let queue = target.structure("DeadLetterConfig")?.string("Arn") { try RuleTargetRequest.checkDeadLetterQueue(queue) }
        guard RuleTargetRequest.services.contains(parsed.service) else {
            throw .validation("Targets of the service '\(parsed.service)' are not supported by Nightshift: target \(id).")
        }
        if parsed.service == "events", parsed.resourceType == "event-bus",
            ["Input", "InputPath", "InputTransformer"].contains(where: target.contains)
        {
            throw .validation("Modifying the input for target \(id) is not supported.")
        }
        if parsed.service == "ssm" {
            guard target.contains("RunCommandParameters") else {
                throw .validation("Parameter(s) RunCommandParameters must be specified for target: \(id).")
            }
        }
        if parsed.service == "sqs", parsed.resource.hasSuffix(".fifo") {
            guard let parameters = target.structure("SqsParameters") else {
                throw .validation("Parameter(s) SqsParameters must be specified for target: \(id).")
            }
            guard parameters.string("MessageGroupId")?.isEmpty == false else {
                throw .validation("Parameter(s) MessageGroupId must be specified for target: \(id).")
            }
        }
    }

    /// The services that have targets.
    private static let services: Set<String> = ["states", "lambda", "sqs", "sns", "events", "ssm", "logs"]

    /// Checks the ARN of a dead-letter queue: a standard queue (EventBridge User Guide, "Using dead-letter queues").
    static func checkDeadLetterQueue(_ text: String) throws(APIError) {
        guard let queue = QueueName(arn: text) else {
            throw EventsError.invalidParameter("DeadLetterConfig", reason: EventsError.invalidARNReason)
        }
        guard !queue.isFIFO else {
            throw EventsError.invalidParameter("DeadLetterConfig", reason: "FIFO queues are not supported as dead-letter queues.")
        }
    }

    /// The target of a rule.
    func record(of rule: RuleRecord) -> RuleTargetRecord {
        RuleTargetRecord(rule: rule.id, id: id, arn: arn, settings: JSONWriter.bytes(of: .object(settings)))
    }
}
