import AWSProtocols
import StatesLanguage

/// A service and operation that a Task state calls, and how its errors are told.
struct IntegratedService {
    /// The service's name in signatures, which the registry and the models go by.
    let service: String
    /// The operation as the API spells it.
    let operation: String
    /// True for `aws-sdk:` integrations, false for the optimised ones.
    let isSDK: Bool
    /// The name before the dot in errors: `SNS`, `Lambda`, `Ssm`.
    private let errorPrefix: String
    /// The service's name inside causes.
    private let causeName: String

    /// What an integration calls; nil when no such service exists here.
    init?(_ integration: ServiceIntegration) {
        operation = integration.action.prefix(1).uppercased() + integration.action.dropFirst()
        if integration.service.utf8.starts(with: "aws-sdk:".utf8) {
            let name = String(integration.service.dropFirst("aws-sdk:".count))
            guard let known = IntegratedService.sdkNames[name] else { return nil }
            service = known.service
            errorPrefix = known.prefix
            causeName = known.prefix
            isSDK = true
        } else {
            guard let known = IntegratedService.optimised[integration.service] else { return nil }
            service = known.service
            errorPrefix = known.prefix
            causeName = known.cause
            isSDK = false
        }
    }

    /// Step Functions' own spelling of the services in SDK integrations (Developer Guide, "Supported AWS SDK service integrations").
    private static let sdkNames: [String: (service: String, prefix: String)] = [
        "sfn": ("states", "Sfn"), "ssm": ("ssm", "Ssm"), "lambda": ("lambda", "Lambda"), "sns": ("sns", "Sns"),
        "eventbridge": ("events", "EventBridge"), "cloudwatchlogs": ("logs", "CloudWatchLogs"), "sts": ("sts", "Sts"),
    ]

    private static let optimised: [String: (service: String, prefix: String, cause: String)] = [
        "lambda": ("lambda", "Lambda", "AWSLambda"), "sns": ("sns", "SNS", "AmazonSNS"),
        "states": ("states", "StepFunctions", "AWSStepFunctions"), "events": ("events", "EventBridge", "AmazonEventBridge"),
    ]

    /// Whether repeating the call does no harm: it only reads, or the operation remembers the caller's key.
    var isRepeatable: Bool {
        for prefix in ["Get", "List", "Describe"] where operation.utf8.starts(with: prefix.utf8) { return true }
        return (service == "sns" && operation == "Publish") || (service == "ssm" && operation == "SendCommand")
    }

    /// An API error's name as the workflow sees it.
    func errorName(_ error: APIError) -> String {
        "\(errorPrefix).\(error.code)" + (error.code.utf8.reversed().starts(with: "Exception".utf8.reversed()) ? "" : "Exception")
    }

    /// An API error's text as the workflow sees it.
    func cause(_ error: APIError, status: Int, requestID: String) -> String {
        isSDK
            ? "\(error.message) (Service: \(causeName), Status Code: \(status), Request ID: \(requestID)) (SDK Attempt Count: 1)"
            : "\(error.message) (Service: \(causeName); Status Code: \(status); Error Code: \(error.code); Request ID: \(requestID); Proxy: null)"
    }
}
