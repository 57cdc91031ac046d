import AWSProtocols
import Engine
import JSONCore
import Store

/// Redrive policies between the API's JSON texts and what is stored (Amazon SQS API Reference, SetQueueAttributes).
enum RedrivePolicyText {
    /// Reads a `RedrivePolicy`; the empty text is none.
    ///
    /// Whether the dead-letter queue exists and may be one is for the caller to check.
    static func redrivePolicy(_ text: String) throws(APIError) -> QueueAttributes.RedrivePolicy? {
        if text.isEmpty { return nil }
        guard let policy = (try? JSONParser.parse(Array(text.utf8)))?.object else {
            throw SQSError.invalidParameter(
                "Invalid value for the parameter RedrivePolicy. Reason: Redrive policy is not a valid JSON map.")
        }
        for name in ["maxReceiveCount", "deadLetterTargetArn"] where policy[JSONString(name)] == nil {
            throw wrong(text, "Redrive policy does not contain mandatory attribute: \(name).")
        }
        guard policy.count == 2 else {
            throw wrong(text, "Only following attributes are supported: [deadLetterTargetArn, maxReceiveCount].")
        }
        // Both `5` and `"5"` are known.
        let given = policy["maxReceiveCount"]
        guard let count = given?.integer ?? given?.text.flatMap({ Int64($0) }), (1...1_000).contains(count) else {
            let shown = given.map { String(decoding: JSONWriter.bytes(of: $0), as: UTF8.self) } ?? ""
            throw wrong(text, "Invalid value for maxReceiveCount: \(shown), valid values are from 1 to 1000 both inclusive.")
        }
        guard let target = policy["deadLetterTargetArn"]?.text.flatMap(QueueName.init(arn:)) else {
            throw wrong(text, "Invalid value for deadLetterTargetArn.")
        }
        return QueueAttributes.RedrivePolicy(deadLetterQueue: target, maxReceiveCount: Int(count))
    }

    /// Reads a `RedriveAllowPolicy`; the empty text is none.
    static func redriveAllowPolicy(_ text: String) throws(APIError) -> QueueAttributes.RedriveAllowPolicy? {
        if text.isEmpty { return nil }
        let malformed = SQSError.invalidAttributeValue(
            "RedriveAllowPolicy", " Reason: Amazon SQS can't create the redrive allow policy, as it’s in an unsupported format.")
        guard let policy = (try? JSONParser.parse(Array(text.utf8)))?.object,
            policy.members.allSatisfy({ $0.key == "redrivePermission" || $0.key == "sourceQueueArns" })
        else { throw malformed }
        let sources = policy["sourceQueueArns"]
        guard sources == nil || sources?.array?.allSatisfy({ $0.text != nil }) == true else { throw malformed }
        let refused = { (reason: String) in
            SQSError.invalidValue(text, of: "RedriveAllowPolicy", "Amazon SQS can't create the redrive allow policy. " + reason)
        }
        switch policy["redrivePermission"]?.text {
        case "allowAll", "denyAll":
            guard sources == nil else {
                throw refused("To specify one or more source queue ARNs, you must set redrivePermission to byQueue.")
            }
            return policy["redrivePermission"] == "allowAll" ? .allowAll : .denyAll
        case "byQueue":
            guard let arns = sources?.array, !arns.isEmpty else {
                throw refused(
                    "When you specify the byQueue permission type, you must also specify one or more sourceQueueArns values.")
            }
            guard arns.count <= 10 else { throw refused("The maximum number of source queue ARNs you can specify is 10.") }
            var queues: [QueueName] = []
            for arn in arns {
                guard let queue = arn.text.flatMap(QueueName.init(arn:)) else { throw malformed }
                queues.append(queue)
            }
            return .byQueue(queues)
        default: throw malformed
        }
    }

    /// A redrive policy as GetQueueAttributes shows it.
    static func text(_ policy: QueueAttributes.RedrivePolicy, region: String) -> String {
        json([
            "deadLetterTargetArn": .text(policy.deadLetterQueue.arn(region: region)),
            "maxReceiveCount": .integer(policy.maxReceiveCount),
        ])
    }

    /// A redrive allow policy as GetQueueAttributes shows it.
    static func text(_ policy: QueueAttributes.RedriveAllowPolicy, region: String) -> String {
        switch policy {
        case .allowAll: json(["redrivePermission": "allowAll"])
        case .denyAll: json(["redrivePermission": "denyAll"])
        case .byQueue(let sources):
            json([
                "redrivePermission": "byQueue", "sourceQueueArns": .array(sources.map { .text($0.arn(region: region)) }),
            ])
        }
    }

    /// The error about a redrive policy.
    static func wrong(_ text: String, _ reason: String) -> APIError {
        SQSError.invalidValue(text, of: "RedrivePolicy", reason)
    }

    private static func json(_ value: JSONValue) -> String {
        String(decoding: JSONWriter.bytes(of: value), as: UTF8.self)
    }
}
