import JSONCore

extension APICall {
    /// A call of Simple Queue Service.
    static func queues(_ operation: String, _ input: JSONObject = [:]) -> APICall {
        APICall(service: "sqs", target: "AmazonSQS." + operation, jsonVersion: "1.0", input: input)
    }
}
