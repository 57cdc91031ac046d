import AWSProtocols

/// How a request claims to be signed for S3, read off its head without verifying anything.
///
/// The claim decides who answers, before all other routes: a bucket may be called `health` and a key may begin with `agent/`.
enum ObjectClaim {
    /// Signature Version 4 with the scope `s3`, in the header or in the query.
    case version4
    /// A presigned URL of Signature Version 2.
    case presignedVersion2
    /// Signature Version 2 in the header, which is not accepted.
    case version2Header

    /// The claim of a request; nil when it claims nothing of S3.
    init?(_ head: WireRequest) {
        if let authorization = head.header("authorization") {
            if ObjectClaim.contains(authorization, "/s3/aws4_request") {
                self = .version4
            } else if authorization.hasPrefix("AWS ") {
                self = .version2Header
            } else {
                return nil
            }
            return
        }
        guard !head.query.isEmpty else { return nil }
        if ObjectClaim.contains(head.query, "X-Amz-Credential=") {
            guard
                ObjectClaim.contains(head.query, "%2Fs3%2Faws4_request") || ObjectClaim.contains(head.query, "/s3/aws4_request")
                    || ObjectClaim.contains(head.query, "%2fs3%2faws4_request")
            else { return nil }
            self = .version4
        } else if ObjectClaim.contains(head.query, "AWSAccessKeyId="), ObjectClaim.contains(head.query, "Signature="),
            // The Query protocol was signed by Version 2 as well, long ago, and said so.
            !ObjectClaim.contains(head.query, "SignatureVersion=")
        {
            self = .presignedVersion2
        } else {
            return nil
        }
    }

    /// Whether the text has the part, by bytes; the standard library's search costs more than the whole routing.
    private static func contains(_ text: String, _ part: StaticString) -> Bool {
        var text = text
        return text.withUTF8 { text in
            part.withUTF8Buffer { part in
                guard text.count >= part.count else { return false }
                for start in 0...(text.count - part.count) where text[start] == part[0] {
                    if part.elementsEqual(text[start..<(start + part.count)]) { return true }
                }
                return false
            }
        }
    }
}
