import AWSProtocols

/// The rules of queues' tags (Amazon SQS Developer Guide, "Amazon SQS cost allocation tags").
enum QueueTags {
    /// How many tags a queue may have.
    static let limit = 50

    /// Checks the tags of a request.
    static func check(_ tags: [(String, String)]) throws(APIError) {
        for (key, value) in tags {
            guard (1...128).contains(key.unicodeScalars.count), !key.utf8.starts(with: "aws:".utf8) else {
                throw SQSError.invalidValue(key, of: "TagKey", "Tag keys must be between 1 and 128 characters in length.")
            }
            guard value.unicodeScalars.count <= 256 else {
                throw SQSError.invalidValue(value, of: "TagValue", "Tag values must be between 0 and 256 characters in length.")
            }
        }
        guard tags.count <= limit else { throw tooMany() }
    }

    /// A queue would have too many.
    static func tooMany() -> APIError {
        SQSError.invalidParameter("Too many tags added for queue. Maximum number of tags per queue: \(limit).")
    }
}
