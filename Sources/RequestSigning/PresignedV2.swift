import ByteCoding
import Crypto
package import TimeSource

/// The signature of a presigned URL by Signature Version 2: `AWSAccessKeyId`, `Expires` and `Signature` in the query.
///
/// boto3 still makes such URLs for S3 in the older regions unless it is told `s3v4`, so they are accepted: for presigned object
/// requests alone. "Signing and authenticating REST requests (AWS signature version 2)" in the Amazon S3 developer guide defines them.
package struct PresignedV2: Sendable {
    /// The parameters of a query that belong to what is signed, as they select a part of an object or change the answer.
    private static let resourceParameters: Set<String> = [
        "accelerate", "acl", "analytics", "cors", "defaultObjectAcl", "delete", "inventory", "lifecycle", "location", "logging", "metrics",
        "notification", "object-lock", "partNumber", "policy", "replication", "requestPayment", "response-cache-control",
        "response-content-disposition", "response-content-encoding", "response-content-language", "response-content-type",
        "response-expires", "restore", "select", "select-type", "storageClass", "tagging", "torrent", "uploadId", "uploads", "versionId",
        "versioning", "versions", "website",
    ]

    /// The access key's id.
    package let accessKeyID: String
    /// Until when the URL is good.
    package let expiresAt: Timestamp
    /// The session token that came along.
    let sessionToken: String?
    private let signature: [UInt8]
    private let expires: String
    private let request: SignableRequest
    private let parameters: [(name: String, value: String?)]

    /// The parameters of `request`; nil when its query is not signed in this way.
    package init?(_ request: SignableRequest) {
        guard !request.query.isEmpty else { return nil }
        let parameters = request.query.split(separator: UInt8(ascii: "&")).map { part -> (name: String, value: String?) in
            let equals = part.firstIndex(of: UInt8(ascii: "="))
            let name = PercentEncoding.decode(part[..<(equals ?? part.endIndex)], plusIsSpace: false)
            return (ASCII.text(name), equals.map { ASCII.text(PercentEncoding.decode(part[($0 + 1)...], plusIsSpace: false)) })
        }
        func value(_ name: String) -> String? { parameters.first { $0.name == name }?.value }
        guard let accessKeyID = value("AWSAccessKeyId"), let signature = value("Signature"), let expires = value("Expires") else {
            return nil
        }
        self.accessKeyID = accessKeyID
        self.expires = expires
        // A text that is no number has expired long ago.
        expiresAt = Timestamp(seconds: Int64(expires).flatMap { (0...253_402_300_799).contains($0) ? $0 : nil } ?? 0)
        self.signature = Base64.decode(signature.utf8) ?? []
        self.request = request
        self.parameters = parameters
        sessionToken =
            parameters.first { ASCII.equalsIgnoringCase($0.name, "x-amz-security-token") }?.value
            ?? request.firstValue(of: "x-amz-security-token")
    }

    /// Whether the signature is the one of this secret.
    /// - Parameter bucket: the bucket in the host's name; nil when the path names it.
    func isValid(secretAccessKey: String, bucket: String?) -> Bool {
        let key = SymmetricKey(data: Array(secretAccessKey.utf8))
        return HMAC<Insecure.SHA1>.isValidAuthenticationCode(signature, authenticating: stringToSign(bucket: bucket), using: key)
    }

    /// The text whose HMAC is the signature.
    func stringToSign(bucket: String?) -> [UInt8] {
        var text = request.method + "\n"
        text += standardHeader("content-md5") + "\n"
        text += standardHeader("content-type") + "\n"
        text += expires + "\n"
        for (name, value) in amazonHeaders() { text += "\(name):\(value)\n" }
        if let bucket { text += "/" + bucket }
        text += ASCII.text(request.path)
        let subresources = parameters.filter { Self.resourceParameters.contains($0.name) }.sorted { $0.name < $1.name }
        if !subresources.isEmpty {
            text += "?" + subresources.map(Self.text).joined(separator: "&")
        }
        return Array(text.utf8)
    }

    private static func text(_ parameter: (name: String, value: String?)) -> String {
        parameter.value.map { "\(parameter.name)=\($0)" } ?? parameter.name
    }

    private func standardHeader(_ name: String) -> String {
        request.firstValue(of: name) ?? parameters.first { $0.name == name }?.value ?? ""
    }

    /// The `x-amz-…` headers and the parameters that stand for them, in order.
    private func amazonHeaders() -> [(String, String)] {
        var values: [String: [String]] = [:]
        for header in request.headers where ASCII.hasPrefixIgnoringCase(header.name, "x-amz-") {
            values[header.name.lowercased(), default: []].append(header.value)
        }
        for parameter in parameters where ASCII.hasPrefixIgnoringCase(parameter.name, "x-amz-") {
            let name = parameter.name.lowercased()
            if values[name] == nil { values[name] = [parameter.value ?? ""] }
        }
        return values.sorted { $0.key < $1.key }.map { ($0.key, $0.value.joined(separator: ",")) }
    }
}
