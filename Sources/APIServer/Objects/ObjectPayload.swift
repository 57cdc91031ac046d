import AWSProtocols
import RequestSigning

/// What the head of an S3 request says of its body: how it is framed, how long its content is, and what proves it.
struct ObjectPayload: Sendable {
    /// What proves the body.
    enum Proof: Sendable, Equatable {
        /// Nothing: `UNSIGNED-PAYLOAD`, or a presigned URL.
        case none
        /// The body's SHA-256, in hexadecimal, which the signature covers.
        case hash(String)
        /// The body is `aws-chunked`; each chunk may be signed, and trailers may follow.
        case chunks(areSigned: Bool, hasTrailers: Bool)
    }

    /// What proves the body.
    let proof: Proof
    /// How many bytes the content has, without its framing; nil when the request does not say.
    let length: Int64?
    /// The names of the trailers that will come, in lower case.
    let announcedTrailers: [String]

    /// What a request's head says.
    /// - Parameter isPresigned: whether the signature is in the query; such a request need not say anything of its body.
    /// - Throws: `APIError` in S3's words.
    init(_ head: WireRequest, isPresigned: Bool) throws(APIError) {
        let proof: Proof
        switch head.header("x-amz-content-sha256") {
        case nil where isPresigned, "UNSIGNED-PAYLOAD": proof = .none
        case nil:
            throw APIError("InvalidRequest", "Missing required header for this request: x-amz-content-sha256", httpStatus: 400)
        case "STREAMING-AWS4-HMAC-SHA256-PAYLOAD": proof = .chunks(areSigned: true, hasTrailers: false)
        case "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER": proof = .chunks(areSigned: true, hasTrailers: true)
        case "STREAMING-UNSIGNED-PAYLOAD-TRAILER": proof = .chunks(areSigned: false, hasTrailers: true)
        case let text?:
            guard ObjectPayload.isDigest(text) else { throw ObjectPayload.unknownForm(text) }
            proof = .hash(text)
        }
        self.proof = proof
        let decodedLength = head.header("x-amz-decoded-content-length")
        if case .chunks = proof {
            guard let length = decodedLength.flatMap({ Int64($0) }), length >= 0 else { throw ObjectPayload.missingLength() }
            self.length = length
        } else {
            length = head.header("content-length").flatMap { Int64($0) }.flatMap { $0 >= 0 ? $0 : nil }
        }
        announcedTrailers = (head.header("x-amz-trailer") ?? "").lowercased().split(separator: ",").map { name in
            String(name.drop { $0 == " " }.prefix { $0 != " " })
        }
    }

    /// `MissingContentLength`, in S3's words.
    static func missingLength() -> APIError {
        APIError("MissingContentLength", "You must provide the Content-Length HTTP header.", httpStatus: 411)
    }

    private static func isDigest(_ text: String) -> Bool {
        text.utf8.count == 64
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) || (0x41...0x46).contains($0) }
    }

    private static func unknownForm(_ text: String) -> APIError {
        APIError(
            "InvalidArgument",
            """
            x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, \
            STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.
            """, fields: ["ArgumentName": "x-amz-content-sha256", "ArgumentValue": .string(text)], httpStatus: 400)
    }
}
