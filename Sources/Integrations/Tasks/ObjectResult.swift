import JSONCore

/// Results of `aws-sdk:s3:` tasks as AWS's SDK shows them, beyond what the answer itself says.
enum ObjectResult {
    private static let ofObjects: Set<String> = ["GetObject", "HeadObject"]
    private static let encrypted: Set<String> = [
        "GetObject", "HeadObject", "PutObject", "CopyObject", "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload",
    ]

    /// A result with what S3 always tells: no metadata is an empty map, and every object is encrypted in the way that is the default.
    static func completed(_ result: JSONObject, operation: String) -> JSONObject {
        var completed = result
        if ofObjects.contains(operation), completed["Metadata"] == nil { completed["Metadata"] = .object(JSONObject()) }
        if encrypted.contains(operation), completed["ServerSideEncryption"] == nil { completed["ServerSideEncryption"] = "AES256" }
        return completed
    }
}
