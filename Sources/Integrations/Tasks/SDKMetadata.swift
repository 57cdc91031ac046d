import JSONCore

/// The transport details that optimised integrations add to their result, as AWS does.
enum SDKMetadata {
    static func add(to result: inout JSONObject, requestID: String, contentType: String) {
        let headers: [(JSONString, String)] = [("Content-Type", contentType), ("x-amzn-RequestId", requestID)]
        result["SdkHttpMetadata"] = [
            "AllHttpHeaders": .object(JSONObject(headers.map { ($0.0, JSONValue.array([.text($0.1)])) })),
            "HttpHeaders": .object(JSONObject(headers.map { ($0.0, JSONValue.text($0.1)) })),
            "HttpStatusCode": 200,
        ]
        result["SdkResponseMetadata"] = ["RequestId": .text(requestID)]
    }
}
