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
        if parsed.service == "ssm" {
            guard target.contains("RunCommandParameters") else {
                throw .validation("Parameter(s) RunCommandParameters must be specified for target: \(id).")
            }
        }
        if parsed.service == "sqs", parsed.resource.hasSuffix(".fifo"), !target.contains("SqsParameters") {
            throw .validation("Parameter(s) SqsParameters must be specified for target: \(id).")
        }
    }

    /// The target of a rule.
    func record(of rule: RuleRecord) -> RuleTargetRecord {
        RuleTargetRecord(rule: rule.id, id: id, arn: arn, settings: JSONWriter.bytes(of: .object(settings)))
    }
}
