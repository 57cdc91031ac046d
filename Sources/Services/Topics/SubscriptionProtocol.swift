import AWSProtocols
import Engine
import Store

/// How a subscription is delivered, and what its endpoints look like (SNS API Reference, Subscribe).
enum SubscriptionProtocol: String, Sendable, CaseIterable {
    case email
    case emailJSON = "email-json"
    case http
    case https
    case lambda
    case sqs

    /// Protocols of AWS that Nightshift does not deliver.
    private static let unsupported: Set<String> = ["sms", "application", "firehose"]

    /// Reads a request's protocol.
    init(parsing text: String) throws(APIError) {
        if SubscriptionProtocol.unsupported.contains(text) {
            throw SNSError.invalidParameter("Protocol Reason: the protocol \(text) is not supported by Nightshift yet")
        }
        guard let known = SubscriptionProtocol(rawValue: text) else {
            throw SNSError.invalidParameter("Amazon SNS does not support this protocol string: \(text)")
        }
        self = known
    }

    /// Whether somebody must agree before messages go there. Functions and queues are the account's own.
    var needsConfirmation: Bool { self != .lambda && self != .sqs }

    /// Whether the `DeliveryPolicy` applies.
    var isWebhook: Bool { self == .http || self == .https }

    /// Checks an endpoint of this protocol for a topic.
    func check(endpoint: String, of topic: TopicName) throws(APIError) {
        let account = topic.account
        guard !topic.isFIFO || self == .sqs else { throw SNSError.invalidParameter("Invalid protocol type: \(rawValue)") }
        let isPlain = endpoint.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }
        switch self {
        case .email, .emailJSON:
            let parts = endpoint.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
            guard isPlain, endpoint.utf8.count <= 254, parts.count == 2, (1...64).contains(parts[0].count), !parts[1].isEmpty,
                !endpoint.utf8.contains(where: { "<>()[],;:\\\"".utf8.contains($0) })
            else { throw SNSError.invalidParameter("Email address") }
        case .http, .https:
            let prefix = "\(rawValue)://"
            guard endpoint.lowercased().hasPrefix(prefix) else {
                throw SNSError.invalidParameter("Endpoint must match the specified protocol")
            }
            let authority = endpoint.dropFirst(prefix.count).prefix { !"/?#".contains($0) }
            let host = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
            guard isPlain, endpoint.utf8.count <= 2_048, !host.isEmpty, !host.hasPrefix(":") else {
                throw SNSError.invalidParameter("Endpoint")
            }
        case .lambda:
            guard let arn = ARN(endpoint), arn.service == "lambda", arn.account == account, arn.resource.hasPrefix("function:") else {
                throw SNSError.invalidParameter("Lambda endpoint ARN")
            }
        case .sqs:
            guard let arn = ARN(endpoint), arn.service == "sqs", arn.account == account, let queue = QueueName(arn: endpoint) else {
                throw SNSError.invalidParameter("SQS endpoint ARN")
            }
            guard topic.isFIFO || !queue.isFIFO else {
                throw SNSError.invalidParameter(
                    "Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics")
            }
        }
    }

    /// The endpoint as it is shown: without the password of a web address.
    static func shown(_ endpoint: String) -> String {
        guard let scheme = endpoint.firstRange(of: "://"),
            let at = endpoint[scheme.upperBound...].prefix(while: { !"/?#".contains($0) }).lastIndex(of: "@"),
            let colon = endpoint[scheme.upperBound..<at].firstIndex(of: ":")
        else { return endpoint }
        return endpoint[...colon] + "****" + endpoint[at...]
    }
}
