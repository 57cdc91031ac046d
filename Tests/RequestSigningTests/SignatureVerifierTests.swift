import Testing
import TimeSource

@testable import RequestSigning

/// What becomes of requests that are not signed as they should be.
@Suite struct SignatureVerifierTests {
    private static let now = Timestamp(milliseconds: 1_795_217_756_123)
    private static let body = Array(#"{"name":"nightly"}"#.utf8)
    private let rules = SigningRules.api(service: "states", region: "us-east-1")

    private static func signed(
        key: String = "AKIDEXAMPLE", secret: String = FixedResolver.secret, token: String? = nil,
        region: String = "us-east-1", service: String = "states", at instant: Timestamp = now
    ) -> SignableRequest {
        var request = SignableRequest(
            method: "POST", target: "/",
            headers: [.init("Host", "localhost:7070"), .init("X-Amz-Target", "AWSStepFunctions.StartExecution")])
        let signer = RequestSigner(
            credentials: .init(accessKeyID: key, secretAccessKey: secret, sessionToken: token), region: region,
            service: service)
        request.headers += signer.headers(signing: request, body: PayloadDigest(of: body), at: instant)
        return request
    }

    private func outcome(
        _ request: SignableRequest, body: [UInt8] = body, resolver: FixedResolver = FixedResolver(), now: Timestamp = now
    ) throws -> SignatureError? {
        do {
            let checked = try SignatureVerifier(resolver: resolver).check(request, rules: rules, now: now)
            _ = try checked.verify(body: PayloadDigest(of: body))
            return nil
        } catch let error as SignatureError {
            return error
        }
    }

    @Test func aSignedRequestPasses() async throws {
        #expect(try outcome(Self.signed()) == nil)
    }

    @Test func noSignatureAtAll() async throws {
        let request = SignableRequest(method: "POST", target: "/", headers: [.init("Host", "localhost")])
        let error = try outcome(request)
        #expect(error == .missingAuthenticationToken)
        #expect(error?.code(in: .json) == "MissingAuthenticationTokenException")
        #expect(error?.code(in: .query) == "MissingAuthenticationToken")
    }

    @Test func anUnknownKey() async throws {
        let error = try outcome(Self.signed(key: "AKIDOTHER"))
        #expect(error == .unknownAccessKey)
        #expect(error?.code(in: .json) == "UnrecognizedClientException")
        #expect(error?.code(in: .query) == "InvalidClientTokenId")
        #expect(error?.message == "The security token included in the request is invalid.")
    }

    @Test func aWrongSecretShowsWhatShouldHaveBeenSigned() async throws {
        let error = try outcome(Self.signed(secret: "wrong"))
        #expect(error?.code(in: .json) == "InvalidSignatureException")
        #expect(error?.code(in: .query) == "SignatureDoesNotMatch")
        let message = error?.message ?? ""
        #expect(message.hasPrefix("The request signature we calculated does not match the signature you provided."))
        #expect(message.contains("'POST\n/\n\nhost:localhost:7070\nx-amz-date:20261120T233556Z\n"))
        #expect(message.contains("'AWS4-HMAC-SHA256\n20261120T233556Z\n20261120/us-east-1/states/aws4_request\n"))
    }

    @Test(arguments: ["zz", "", String(repeating: "0", count: 64), String(repeating: "A", count: 64)])
    func aSignatureThatIsNoneDoesNotMatch(text: String) async throws {
        var request = Self.signed()
        let header = request.headers.removeLast()
        let cut = header.value.split(separator: "Signature=")[0]
        request.headers.append(.init("Authorization", cut + "Signature=" + text))
        let error = try outcome(request)
        #expect(error?.code(in: .json) == (text.isEmpty ? "IncompleteSignatureException" : "InvalidSignatureException"))
    }

    @Test func anotherBodyDoesNotMatch() async throws {
        #expect(try outcome(Self.signed(), body: Array("{}".utf8))?.code(in: .query) == "SignatureDoesNotMatch")
    }

    @Test func aDeclaredHashMustBeThatOfTheBody() async throws {
        var request = SignableRequest(method: "PUT", target: "/key", headers: [.init("Host", "localhost")])
        let signer = RequestSigner(
            credentials: .init(accessKeyID: "AKIDEXAMPLE", secretAccessKey: FixedResolver.secret), region: "us-east-1",
            service: "s3")
        request.headers += signer.headers(signing: request, body: PayloadDigest(of: Self.body), at: Self.now)
        let checked = try SignatureVerifier(resolver: FixedResolver()).check(
            request, rules: .objects(region: "us-east-1"), now: Self.now)
        #expect(try checked.verifyHead() == FixedResolver.principal)
        #expect(throws: SignatureError.payloadDoesNotMatch) { try checked.verify(body: .empty) }
    }

    @Test func theSkewIsFiveMinutesBothWays() async throws {
        for (seconds, passes) in [(-301, false), (-300, true), (300, true), (301, false)] {
            let error = try outcome(Self.signed(at: Self.now + .seconds(seconds)))
            #expect((error == nil) == passes, "\(seconds)")
        }
        #expect(
            try outcome(Self.signed(at: Self.now - .seconds(600)))?.message
                == "Signature expired: 20261120T232556Z is now earlier than 20261120T233056Z (20261120T233556Z - 5 min.)")
        #expect(
            try outcome(Self.signed(at: Self.now + .seconds(600)))?.message
                == "Signature not yet current: 20261120T234556Z is still later than 20261120T234056Z (20261120T233556Z + 5 min.)")
    }

    @Test func theScopeMustNameRegionServiceAndDay() async throws {
        #expect(
            try outcome(Self.signed(region: "eu-west-9"))?.message
                == "Credential should be scoped to a valid region, not 'eu-west-9'.")
        #expect(
            try outcome(Self.signed(service: "sns"))?.message
                == "Credential should be scoped to correct service: 'states'.")
        var request = Self.signed()
        request.headers[request.headers.count - 1].value.replace("/20261120/", with: "/20261119/")
        #expect(
            try outcome(request)?.message
                == """
                Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: \
                '20261119' != '20261120', from '20261120T233556Z'.
                """)
        request.headers[request.headers.count - 1].value.replace("aws4_request", with: "aws3_request")
        #expect(
            try outcome(request)?.message
                == "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws3_request'.")
    }

    @Test(arguments: [
        ("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE", "Authorization header requires 'Signature' parameter."),
        ("AWS4-HMAC-SHA256 Signature=00, SignedHeaders=host", "Authorization header requires 'Credential' parameter."),
        ("AWS4-HMAC-SHA256 Credential=a/b, Signature=00", "Authorization header requires 'SignedHeaders' parameter."),
        ("Basic dXNlcjpwYXNz=", "Authorization header requires 'Credential' parameter."),
        ("Bearer token", "Invalid key=value pair (missing equal-sign) in Authorization header"),
        ("AWS4-HMAC-SHA256", "Authorization header requires 'Credential' parameter."),
        (
            "AWS4-HMAC-SHA256 Credential=a/b, Signature=00, SignedHeaders=host",
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'a/b'"
        ),
        (
            "AWS4-HMAC-SHA512 Credential=a/b, Signature=00, SignedHeaders=host",
            "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA512'."
        ),
    ])
    func unreadableHeadersSayWhatIsMissing(header: String, message: String) async throws {
        let request = SignableRequest(
            method: "POST", target: "/",
            headers: [
                .init("host", "localhost"), .init("X-Amz-Date", "20261120T233556Z"), .init("Authorization", header),
            ])
        let error = try outcome(request)
        #expect(error?.code(in: .json) == "IncompleteSignatureException")
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("dXNlcjpwYXNz") == false)
    }

    @Test func aDateIsNeededAndMustBeReadable() async throws {
        var request = Self.signed()
        request.headers.removeAll { $0.name == "X-Amz-Date" }
        #expect(
            try outcome(request)?.message.hasPrefix(
                "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.") == true)
        request.headers.append(.init("X-Amz-Date", "2026-11-20T23:35:56Z"))
        #expect(
            try outcome(request)?.message
                == """
                Date must be in ISO-8601 'basic format'. Got '2026-11-20T23:35:56Z'. \
                See http://en.wikipedia.org/wiki/ISO_8601
                """)
    }

    @Test func theDateHeaderDoesInPlaceOfTheOther() async throws {
        var request = SignableRequest(
            method: "GET", target: "/", headers: [.init("Host", "localhost"), .init("Date", Self.now.httpDate)])
        let scope = CredentialScope(date: "20261120", region: "us-east-1", service: "states")
        let canonical = CanonicalRequest(request, signedHeaders: ["date", "host"], pathStyle: .normalized)
        let signature = SigningKey(secretAccessKey: FixedResolver.secret, scope: scope).signature(
            of: canonical.stringToSign(
                payloadHash: PayloadDigest.empty.hexadecimal, time: "20261120T233556Z", scope: scope))
        request.headers.append(
            .init(
                "Authorization",
                """
                AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/\(scope.text),SignedHeaders=date;host,\
                Signature=\(Hexadecimal.text(signature))
                """))
        #expect(try outcome(request, body: []) == nil)
    }

    @Test func hostAndAmazonHeadersMustBeSigned() async throws {
        var request = Self.signed()
        request.headers.append(.init("X-Amz-Extra", "1"))
        #expect(try outcome(request) == .headersNotSigned(["x-amz-extra"]))
        request = Self.signed()
        request.headers[request.headers.count - 1].value.replace("SignedHeaders=host;", with: "SignedHeaders=")
        #expect(
            try outcome(request)?.message
                == "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
    }

    @Test func sessionTokensMustBeTheOnesThatWereIssued() async throws {
        let issued = FixedResolver(sessionToken: "token", expiresAt: Self.now + .seconds(60))
        #expect(try outcome(Self.signed(token: "token"), resolver: issued) == nil)
        #expect(try outcome(Self.signed(token: "other"), resolver: issued) == .unknownAccessKey)
        #expect(try outcome(Self.signed(), resolver: issued) == .unknownAccessKey)
        #expect(try outcome(Self.signed(token: "token")) == .unknownAccessKey)
        let late = try outcome(
            Self.signed(token: "token"), resolver: issued, now: Self.now + .seconds(61))
        #expect(late == .expiredToken)
        #expect(late?.code(in: .json) == "ExpiredTokenException")
    }

    @Test func unsignedBodiesAreForObjectsAlone() async throws {
        var request = Self.signed()
        request.headers.append(.init("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"))
        #expect(try outcome(request) == .unsupportedPayload("UNSIGNED-PAYLOAD"))
    }

    @Test func theHeadAloneDoesNotProveABodyItSaysNothingOf() async throws {
        let checked = try SignatureVerifier(resolver: FixedResolver()).check(
            Self.signed(), rules: rules, now: Self.now)
        #expect(checked.coversBody)
        #expect(throws: SignatureError.unsupportedPayload("")) { try checked.verifyHead() }
    }

    @Test func presignedRequestsEnd() async throws {
        let signer = RequestSigner(
            credentials: .init(accessKeyID: "AKIDEXAMPLE", secretAccessKey: FixedResolver.secret), region: "us-east-1",
            service: "states")
        var request = SignableRequest(method: "GET", target: "/?a=b", headers: [.init("Host", "localhost")])
        request.query = Array(signer.presignedQuery(for: request, validFor: .seconds(3_600), at: Self.now).utf8)
        #expect(try outcome(request, body: [], now: Self.now + .seconds(3_600)) == nil)
        #expect(try outcome(request, body: [], now: Self.now + .seconds(3_601)) == .presignedRequestExpired)
        #expect(try outcome(request, body: [], now: Self.now - .seconds(400))?.code(in: .query) == "SignatureDoesNotMatch")
    }

    @Test func presignedRequestsSayWhatIsMissing() async throws {
        let request = SignableRequest(
            method: "GET", target: "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=00", headers: [])
        let message = try outcome(request)?.message ?? ""
        #expect(
            message == """
                AWS query-string parameters must include 'X-Amz-Credential'. AWS query-string parameters must include \
                'X-Amz-SignedHeaders'. AWS query-string parameters must include 'X-Amz-Date'. Re-examine the \
                query-string parameters.
                """)
    }

    @Test func aKeyIsDerivedAnewWhenItsSecretChanges() {
        let cache = SigningKeyCache(capacity: 4)
        let scope = CredentialScope(date: "20261120", region: "us-east-1", service: "states")
        func signature(_ secret: String) -> [UInt8] {
            cache.key(
                for: AccessCredential(
                    accessKeyID: "A", secretAccessKey: secret, principal: FixedResolver.principal), scope: scope
            ).signature(of: [])
        }
        let first = signature("one")
        #expect(signature("one") == first)
        #expect(signature("two") != first)
        #expect(signature("one") == first)
    }

    @Test func theCacheStaysWithinItsCapacity() {
        let cache = SigningKeyCache(capacity: 8)
        for day in 0..<100 {
            let scope = CredentialScope(date: String(day), region: "r", service: "s")
            _ = cache.key(
                for: AccessCredential(accessKeyID: "A", secretAccessKey: "S", principal: FixedResolver.principal),
                scope: scope)
            #expect(cache.count <= 8)
        }
    }
}
