import AWSProtocols
import StatesLanguage

/// A service and operation that a Task state calls, and how its errors are told.
///
/// Any operation that this server has can be called as `aws-sdk:`; a service that is added to the server later needs no more than its
/// line in `SDK` here.
struct IntegratedService {
    /// How Step Functions names a service.
    struct Names {
        /// The service's name in signatures, which the registry and the models go by.
        let service: String
        /// The name before the dot in errors: `SNS`, `Lambda`, `Ssm`.
        let errorPrefix: String
        /// The service's name inside causes.
        let cause: String
        /// The content type of its answers, shown in the results of optimised integrations.
        let contentType: String
    }

    /// How Step Functions names the service.
    let names: Names
    /// The operation as the API spells it.
    let operation: String
    /// True for `aws-sdk:` integrations, false for the optimised ones.
    let isSDK: Bool

    /// The service's name in signatures.
    var service: String { names.service }

    /// What an integration calls; nil when no such service is known here.
    init?(_ integration: ServiceIntegration) {
        operation = integration.action.prefix(1).uppercased() + integration.action.dropFirst()
        if integration.service.utf8.starts(with: "aws-sdk:".utf8) {
            guard let known = IntegratedService.sdk[String(integration.service.dropFirst("aws-sdk:".count))] else { return nil }
            names = known
            isSDK = true
        } else {
            guard let known = IntegratedService.optimised[integration.service] else { return nil }
            names = known
            isSDK = false
        }
    }

    /// Step Functions' own spelling of the services in SDK integrations (Developer Guide, "Supported AWS SDK service integrations").
    private static let sdk: [String: Names] = {
        let prefixes: [(name: String, service: String, prefix: String)] = [
            ("sfn", "states", "Sfn"), ("ssm", "ssm", "Ssm"), ("lambda", "lambda", "Lambda"), ("sns", "sns", "Sns"),
            ("sqs", "sqs", "Sqs"), ("s3", "s3", "S3"), ("eventbridge", "events", "EventBridge"),
            ("scheduler", "scheduler", "Scheduler"), ("cloudwatch", "monitoring", "CloudWatch"),
            ("config", "config", "Config"),
            ("cloudwatchlogs", "logs", "CloudWatchLogs"), ("sts", "sts", "Sts"), ("iam", "iam", "Iam"),
        ]
        return Dictionary(
            uniqueKeysWithValues: prefixes.map {
                ($0.name, Names(service: $0.service, errorPrefix: $0.prefix, cause: $0.prefix, contentType: ""))
            })
    }()

    private static let optimised: [String: Names] = {
        let json = "application/x-amz-json-1."
        return [
            "lambda": Names(service: "lambda", errorPrefix: "Lambda", cause: "AWSLambda", contentType: "application/json"),
            "sns": Names(service: "sns", errorPrefix: "SNS", cause: "AmazonSNS", contentType: "text/xml"),
            "sqs": Names(service: "sqs", errorPrefix: "SQS", cause: "AmazonSQS", contentType: json + "0"),
            "states": Names(service: "states", errorPrefix: "StepFunctions", cause: "AWSStepFunctions", contentType: json + "0"),
            "events": Names(service: "events", errorPrefix: "EventBridge", cause: "AmazonEventBridge", contentType: json + "1"),
            // Nightshift's own, spelled as the others are.
            "ssm": Names(service: "ssm", errorPrefix: "SSM", cause: "AWSSimpleSystemsManagement", contentType: json + "1"),
        ]
    }()

    /// Whether repeating the call does no harm: it only reads, or the operation remembers the caller's key.
    var isRepeatable: Bool {
        for prefix in ["Get", "List", "Describe", "Head"] where operation.utf8.starts(with: prefix.utf8) {
            // A worker's poll takes the task that it answers with.
            return operation != "GetActivityTask"
        }
        switch (service, operation) {
        case ("sns", "Publish"), ("sqs", "SendMessage"), ("sqs", "SendMessageBatch"), ("events", "PutEvents"), ("ssm", "SendCommand"),
            ("states", "StartExecution"):
            return true
        // Again is as once: what they make or take away is named by the request.
        case ("s3", "PutObject"), ("s3", "DeleteObject"), ("s3", "DeleteObjects"), ("s3", "CopyObject"), ("sqs", "DeleteMessage"):
            return true
        default: return false
        }
    }

    /// An API error's name as the workflow sees it: that of the exception in AWS's SDK for Java, which is the service's base class when
    /// the service's model has no such error.
    func errorName(_ failure: TaskOperations.Failure) -> String {
        let shape = failure.shape ?? names.cause
        return "\(names.errorPrefix).\(shape)" + (shape.utf8.reversed().starts(with: "Exception".utf8.reversed()) ? "" : "Exception")
    }

    /// An API error's text as the workflow sees it.
    func cause(_ failure: TaskOperations.Failure, requestID: String) -> String {
        let (error, status) = (failure.error, failure.status)
        if isSDK {
            // S3 has a second id of requests; here it is the same.
            let extended = service == "s3" ? ", Extended Request ID: \(requestID)" : ""
            return
                "\(error.message) (Service: \(names.cause), Status Code: \(status), Request ID: \(requestID)\(extended)) (SDK Attempt Count: 1)"
        }
        let facts = ["Service: \(names.cause)", "Status Code: \(status)", "Error Code: \(error.code)", "Request ID: \(requestID)"]
        return "\(error.message) (\(facts.joined(separator: "; ")); Proxy: null)"
    }
}
