import RequestSigning
import Testing
import TimeSource

/// URLs that botocore 1.43 presigned for S3 with Signature Version 2, with the key of the other tests.
@Suite struct PresignedV2Tests {
    private static let expiry = Timestamp(seconds: 1_800_000_000)

    private static func verify(
        _ method: String, _ target: String, headers: [SignableRequest.Header] = [], bucket: String? = nil, token: String? = nil,
        now: Timestamp = expiry
    ) throws -> AccessCredential? {
        let request = SignableRequest(method: method, target: target, headers: headers + [.init("host", "127.0.0.1:7070")])
        guard let presigned = PresignedV2(request) else { return nil }
        return try SignatureVerifier(resolver: FixedResolver(sessionToken: token)).verify(presigned, bucket: bucket, now: now)
    }

    private static let get =
        "/bucket/a%20b/%2Bc?response-content-type=text%2Fplain&partNumber=2&AWSAccessKeyId=AKIDEXAMPLE&Signature=iwBF3pRkX9zLmhJN7369zskVgN0%3D&Expires=1800000000"
    private static let put =
        "/bucket/k?AWSAccessKeyId=AKIDEXAMPLE&Signature=KHoiDnDD6erjikAch%2F5B47YGwHQ%3D&content-type=text%2Fplain&x-amz-meta-a=b&Expires=1800000000"
    private static let withToken =
        "/bucket/k?AWSAccessKeyId=AKIDEXAMPLE&Signature=EVRV76VY3ALkS2JkxuNWRO6GmaI%3D&x-amz-security-token=tok%2Fen%2B1&Expires=1800000000"
    private static let virtualHosted =
        "/k%C3%BC?AWSAccessKeyId=AKIDEXAMPLE&Signature=Vp%2B32PI0vSGgMjlFZD3bJYO01ws%3D&Expires=1800000000"

    @Test func aDownloadIsVerified() throws {
        #expect(try Self.verify("GET", Self.get)?.principal == FixedResolver.principal)
        // The parameters of the answer are signed, so nobody can exchange them; others mean nothing.
        #expect(throws: SignatureError.self) { try Self.verify("GET", Self.get.replacing("plain", with: "html")) }
        #expect(throws: SignatureError.self) { try Self.verify("HEAD", Self.get) }
        #expect(try Self.verify("GET", Self.get + "&other=1") != nil)
    }

    @Test func anUploadIsVerifiedWithItsHeaders() throws {
        let type = SignableRequest.Header("Content-Type", "text/plain")
        #expect(try Self.verify("PUT", Self.put, headers: [type]) != nil)
        #expect(try Self.verify("PUT", Self.put) != nil)
        let other = SignableRequest.Header("Content-Type", "text/html")
        #expect(throws: SignatureError.self) { try Self.verify("PUT", Self.put, headers: [other]) }
        let added = SignableRequest.Header("x-amz-acl", "public-read")
        #expect(throws: SignatureError.self) { try Self.verify("PUT", Self.put, headers: [type, added]) }
    }

    @Test func aURLEndsWhenItSays() throws {
        #expect(throws: SignatureError.presignedRequestExpired) {
            try Self.verify("GET", Self.get, now: Self.expiry + .seconds(1))
        }
        let longer = Self.get.replacing("Expires=1800000000", with: "Expires=1900000000")
        #expect(throws: SignatureError.self) { try Self.verify("GET", longer) }
    }

    @Test func temporaryKeysNeedTheirToken() throws {
        #expect(try Self.verify("GET", Self.withToken, token: "tok/en+1") != nil)
        #expect(throws: SignatureError.unknownAccessKey) { try Self.verify("GET", Self.withToken, token: "other") }
        #expect(throws: SignatureError.unknownAccessKey) { try Self.verify("GET", Self.withToken) }
        #expect(throws: SignatureError.unknownAccessKey) { try Self.verify("GET", Self.get, token: "tok/en+1") }
    }

    @Test func aBucketInTheHostIsPartOfWhatIsSigned() throws {
        #expect(try Self.verify("GET", Self.virtualHosted, bucket: "bucket") != nil)
        #expect(throws: SignatureError.self) { try Self.verify("GET", Self.virtualHosted, bucket: "other") }
        #expect(throws: SignatureError.self) { try Self.verify("GET", Self.virtualHosted) }
    }

    @Test func otherQueriesAreNotSignedSo() throws {
        #expect(try Self.verify("GET", "/bucket/k?Signature=x&Expires=1800000000") == nil)
        #expect(try Self.verify("GET", "/bucket/k") == nil)
    }
}
