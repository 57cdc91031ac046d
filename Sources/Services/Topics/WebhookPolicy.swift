import AWSProtocols
import Engine
import JSONCore

/// What a topic's or subscription's `DeliveryPolicy` says about webhooks (Amazon SNS Developer Guide, "Message delivery retries").
///
/// Throttle policies are taken and not acted on.
struct WebhookPolicy: Sendable, Equatable {
    /// When a webhook is sent again.
    var retries = WebhookRetryPolicy()
    /// The `Content-Type` of what is posted.
    var contentType = "text/plain; charset=UTF-8"
    /// Whether subscriptions have no say.
    var disablesOverrides = false

    /// AWS's defaults.
    init() {}

    /// Reads a topic's policy, `{"http": {"defaultHealthyRetryPolicy": …}}`.
    init(topic text: String) throws(APIError) {
        self.init()
        let http = try WebhookPolicy.parse(text)["http"]
        disablesOverrides = http?["disableSubscriptionOverrides"]?.bool ?? false
        try read(retries: http?["defaultHealthyRetryPolicy"], request: http?["defaultRequestPolicy"])
    }

    /// Reads a subscription's policy, `{"healthyRetryPolicy": …}`.
    init(subscription text: String) throws(APIError) {
        self.init()
        let policy = try WebhookPolicy.parse(text)
        try read(retries: policy["healthyRetryPolicy"], request: policy["requestPolicy"])
    }

    /// The policy that holds for a subscription of a topic, from what was set at each; both were checked when they were set.
    static func effective(topic: String?, subscription: String? = nil) -> WebhookPolicy {
        let base = topic.flatMap { try? WebhookPolicy(topic: $0) } ?? WebhookPolicy()
        guard !base.disablesOverrides, let subscription, let own = try? WebhookPolicy(subscription: subscription) else { return base }
        return own
    }

    /// As GetTopicAttributes shows it.
    var topicText: String {
        JSONWriter.text(of: [
            "http": [
                "defaultHealthyRetryPolicy": retryValue, "disableSubscriptionOverrides": .bool(disablesOverrides),
                "defaultRequestPolicy": ["headerContentType": .text(contentType)],
            ]
        ])
    }

    /// As GetSubscriptionAttributes shows it.
    var subscriptionText: String {
        JSONWriter.text(of: ["healthyRetryPolicy": retryValue, "requestPolicy": ["headerContentType": .text(contentType)]])
    }

    private var retryValue: JSONValue {
        [
            "minDelayTarget": .integer(retries.minDelayTarget), "maxDelayTarget": .integer(retries.maxDelayTarget),
            "numRetries": .integer(retries.numRetries), "numMaxDelayRetries": .integer(retries.numMaxDelayRetries),
            "numNoDelayRetries": .integer(retries.numNoDelayRetries), "numMinDelayRetries": .integer(retries.numMinDelayRetries),
            "backoffFunction": .text(retries.backoffFunction.rawValue),
        ]
    }

    private static func parse(_ text: String) throws(APIError) -> JSONValue {
        guard let value = try? JSONParser.parse(text), value.object != nil else {
            throw SNSError.invalidParameter("DeliveryPolicy: failed to parse JSON.")
        }
        return value
    }

    private mutating func read(retries policy: JSONValue?, request: JSONValue?) throws(APIError) {
        if let policy, !policy.isNull {
            retries.numRetries = try number("numRetries", in: policy, 0...100) ?? retries.numRetries
            retries.numNoDelayRetries = try number("numNoDelayRetries", in: policy, 0...100) ?? 0
            retries.numMinDelayRetries = try number("numMinDelayRetries", in: policy, 0...100) ?? 0
            retries.numMaxDelayRetries = try number("numMaxDelayRetries", in: policy, 0...100) ?? 0
            retries.minDelayTarget = try number("minDelayTarget", in: policy, 1...3_600) ?? retries.minDelayTarget
            let largest = try number("maxDelayTarget", in: policy, 1...3_600)
            retries.maxDelayTarget = largest ?? max(retries.maxDelayTarget, retries.minDelayTarget)
            if let name = policy["backoffFunction"]?.text {
                guard let function = WebhookRetryPolicy.Backoff(rawValue: name) else {
                    throw SNSError.invalidParameter("DeliveryPolicy: backoffFunction \(name) is not known")
                }
                retries.backoffFunction = function
            }
            guard retries.minDelayTarget <= retries.maxDelayTarget else {
                throw SNSError.invalidParameter("DeliveryPolicy: minDelayTarget must be less than or equal to maxDelayTarget")
            }
            let phases = retries.numNoDelayRetries + retries.numMinDelayRetries + retries.numMaxDelayRetries
            guard phases <= retries.numRetries else {
                throw SNSError.invalidParameter(
                    "DeliveryPolicy: numRetries must be greater than or equal to the sum of the phases' retries")
            }
        }
        if let type = request?["headerContentType"]?.text {
            guard !type.isEmpty, type.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
                throw SNSError.invalidParameter("DeliveryPolicy: headerContentType")
            }
            contentType = type
        }
    }

    private func number(_ name: String, in policy: JSONValue, _ range: ClosedRange<Int64>) throws(APIError) -> Int? {
        guard let value = policy[name], !value.isNull else { return nil }
        guard let number = value.integer, range.contains(number) else {
            throw SNSError.invalidParameter("DeliveryPolicy: \(name) must be between \(range.lowerBound) and \(range.upperBound)")
        }
        return Int(number)
    }
}
