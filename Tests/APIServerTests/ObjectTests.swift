import APIModels
import AWSProtocols
import HTTPTypes
import RequestSigning
import Services
import Synchronization
import Testing
import TimeSource

@testable import APIServer

/// Requests of S3 on their whole way through the server, with operations that tell what they got.
@Suite struct ObjectTests {
    /// What the last upload brought.
    private final class Uploads: Sendable {
        struct Upload {
            var input: APIStructure
            var bytes: [UInt8]
            var trailers: [String: String]
        }
        let last = Mutex<Upload?>(nil)
    }

    private let uploads = Uploads()
    private var server = ServerHarness()

    init() {
        let uploads = uploads
        let refuse: OperationHandler = { _, _ in throw APIError("InternalError", "not streamed") }
        server.registry.register(service: "s3", operation: "PutObject", handler: refuse)
        server.registry.registerStreamed(service: "s3", operation: "PutObject") { _, input, body in
            var bytes: [UInt8] = []
            while let piece = try await body.next() { bytes += piece }
            let upload = Uploads.Upload(input: input, bytes: bytes, trailers: body.trailers)
            uploads.last.withLock { $0 = upload }
            return StreamedOutput(["ETag": "\"e\""])
        }
        server.registry.register(service: "s3", operation: "GetObject", handler: refuse)
        server.registry.registerStreamed(service: "s3", operation: "GetObject") { context, input, _ in
            guard input.string("Key") != "none" else { throw APIError("NoSuchKey", "The specified key does not exist.") }
            let text = Array("\(input.string("Bucket") ?? "") \(input.string("Key") ?? "") \(context.endpoint)".utf8)
            return StreamedOutput(
                ["ContentLength": .integer(Int64(text.count)), "ContentType": "text/plain"],
                body: StreamedOutputBody(length: Int64(text.count)) { sink in
                    try await sink(Array(text.prefix(3)))
                    try await sink(Array(text.dropFirst(3)))
                })
        }
        server.registry.register(service: "s3", operation: "HeadObject") { _, _ in ["ContentLength": 5, "ETag": "\"e\""] }
        server.registry.register(service: "s3", operation: "ListBuckets") { _, _ in ["Buckets": [["Name": "b"]]] }
        server.registry.register(service: "s3", operation: "DeleteObjects") { _, input in
            ["Deleted": .list(input.structure("Delete")?.structures("Objects").map { .structure($0) } ?? [])]
        }
    }

    private func signer(secret: String = "secret") -> RequestSigner {
        RequestSigner(
            credentials: RequestSigner.Credentials(accessKeyID: "AKIAEXAMPLE", secretAccessKey: secret), region: "us-east-1", service: "s3")
    }

    @Test(arguments: [
        ("/bucket/a/b", "bucket a/b"), ("/bucket//a/../b/", "bucket /a/../b/"), ("/bucket/a%2Fb%20c+d%C3%BC", "bucket a/b c+dü"),
        ("/health/key", "health key"), ("/agent/key", "agent key"), ("/bucket/%25", "bucket %"),
    ]) func keysAreTakenAsTheyAre(target: String, text: String) async throws {
        let answer = try await server.call("s3", "GET", target)
        #expect(answer.status == 200 && answer.body == text + " http://nightshift:7070")
        #expect(answer.header("content-length") == String(answer.body.utf8.count) && answer.header("x-amz-request-id") != nil)
    }

    @Test func aBucketMayStandBeforeTheHost() async throws {
        let head = { (host: String) in WireRequest(method: "GET", path: "/a/b", headers: [("host", host)]) }
        let hosts = ObjectHosts(configured: ["Objects.Example"], region: "us-east-1")
        let bucket = { (host: String) in ObjectAddress(head(host), hosts: hosts).map { "\($0.bucket ?? "-") \($0.key ?? "-")" } }
        #expect(bucket("my.bucket.localhost:7070") == "my.bucket a/b" && bucket("b.s3.localhost") == "b a/b")
        #expect(bucket("b.objects.example") == "b a/b" && bucket("B.OBJECTS.EXAMPLE:1") == "b a/b")
        for host in ["localhost", "s3.localhost:7070", "objects.example", "127.0.0.1:7070", "[::1]:7070", "sync-localhost", "b.other"] {
            #expect(bucket(host) == "a b", "\(host)")
        }
        #expect(hosts.endpoint(ofHost: "b.localhost:7070") == "localhost:7070" && hosts.endpoint(ofHost: "h:1") == "h:1")
    }

    @Test func signedBodiesAreVerified() async throws {
        let answer = try await server.call(
            "s3", "PUT", "/bucket/key",
            headers: [("content-type", "text/x"), ("x-amz-meta-a", "1"), ("content-encoding", "aws-chunked,gzip")],
            body: "hello")
        #expect(answer.status == 200 && answer.header("etag") == "\"e\"")
        let upload = try #require(uploads.last.withLock { $0 })
        #expect(upload.bytes == Array("hello".utf8) && upload.input.string("ContentEncoding") == "gzip")
        #expect(upload.input.stringMap("Metadata").map(\.1) == ["1"] && upload.input.integer("ContentLength") == 5)
        let other = try await server.call("s3", "PUT", "/bucket/key", body: "hello", signedBody: "other")
        #expect(other.status == 400 && other.body.contains("<Code>XAmzContentSHA256Mismatch</Code>"))
    }

    @Test func bodiesInChunksAreVerifiedWithTheirTrailers() async throws {
        let put = { (body: String, length: Int) in
            // Signed as any request whose last line is its `x-amz-content-sha256`.
            let form = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
            let headers: [SignableRequest.Header] = [
                .init("host", "nightshift:7070"), .init("x-amz-decoded-content-length", String(length)),
                .init("x-amz-trailer", "x-amz-checksum-crc32"),
            ]
            let added = signer().headers(
                signing: SignableRequest(method: "PUT", target: "/bucket/key", headers: headers), payload: form, at: server.clock.now)
            return try await server.send(
                "PUT", "/bucket/key", headers: (headers.dropFirst() + added).map { ($0.name, $0.value) }, body: Array(body.utf8))
        }
        let good = "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n"
        #expect(try await put(good, 5).status == 200)
        let upload = try #require(uploads.last.withLock { $0 })
        #expect(upload.bytes == Array("hello".utf8) && upload.trailers == ["x-amz-checksum-crc32": "NhCmhg=="])
        uploads.last.withLock { $0 = nil }
        for (body, length, code) in [
            (good, 6, "IncompleteBody"), (good, 4, "IncompleteBody"), (String(good.dropLast(2)), 5, "IncompleteBody"),
            ("hello\r\n", 5, "InvalidRequest"), ("5\r\nhello", 5, "IncompleteBody"),
        ] {
            let answer = try await put(body, length)
            #expect(answer.status == 400 && answer.body.contains("<Code>\(code)</Code>"), "\(code)")
        }
        #expect(uploads.last.withLock { $0 == nil })
    }

    @Test func presignedRequestsWork() async throws {
        let query = signer().presignedQuery(
            for: SignableRequest(
                method: "GET", target: "/bucket/a%20b?response-content-type=x", headers: [.init("host", "nightshift:7070")]),
            validFor: .seconds(60), at: server.clock.now)
        let answer = try await server.send("GET", "/bucket/a%20b?" + query)
        #expect(answer.status == 200 && answer.body.hasPrefix("bucket a b"))
        let changed = try await server.send("GET", "/bucket/a%20b?" + query.replacing("type=x", with: "type=y"))
        #expect(changed.status == 403 && changed.body.contains("<Code>SignatureDoesNotMatch</Code>"))
        server.clock.advance(by: .seconds(61))
        let late = try await server.send("GET", "/bucket/a%20b?" + query)
        let endless = signer().presignedQuery(
            for: SignableRequest(method: "GET", target: "/bucket/k", headers: [.init("host", "nightshift:7070")]),
            validFor: .seconds(604_801), at: server.clock.now)
        let refused = try await server.send("GET", "/bucket/k?" + endless)
        #expect(refused.status == 400 && refused.body.contains("<Code>AuthorizationQueryParametersError</Code>"))
        #expect(late.status == 403 && late.body.contains("<Code>AccessDenied</Code><Message>Request has expired</Message>"))
    }

    @Test func whatIsWrongIsSaidInS3sWords() async throws {
        let expect = { (answer: ServerHarness.Answer, status: Int, code: String) in
            #expect(answer.status == status && answer.body.contains("<Code>\(code)</Code>"), "\(code): \(answer.body)")
        }
        expect(try await server.call("s3", "GET", "/bucket/none"), 404, "NoSuchKey")
        expect(try await server.call("s3", "GET", "/bucket?website"), 501, "NotImplemented")
        expect(try await server.call("s3", "POST", "/bucket/key"), 405, "MethodNotAllowed")
        expect(try await server.call("s3", "GET", "/bucket/%FF"), 400, "InvalidURI")
        expect(try await server.call("s3", "GET", "/bucket/%4"), 400, "InvalidURI")
        expect(try await server.call("s3", "GET", "/bucket/k", key: "AKIAOTHER"), 403, "InvalidAccessKeyId")
        expect(try await server.call("s3", "GET", "/bucket/k", secret: "other"), 403, "SignatureDoesNotMatch")
        expect(try await server.call("s3", "GET", "/bucket/k", region: "eu-west-1"), 400, "AuthorizationHeaderMalformed")
        expect(try await server.call("s3", "GET", "/bucket/k", signedAfter: .seconds(-901)), 403, "RequestTimeTooSkewed")
        #expect(try await server.call("s3", "GET", "/bucket/k", signedAfter: .seconds(-899)).status == 200)
        expect(try await server.send("GET", "/bucket/k"), 403, "AccessDenied")
        expect(try await server.send("PUT", "/bucket"), 403, "AccessDenied")
        expect(try await server.send("GET", "/bucket/k", headers: [("authorization", "AWS AKIAEXAMPLE:x")]), 400, "InvalidRequest")
        let form = "/?Action=ListTopics&AWSAccessKeyId=k&SignatureVersion=2&Signature=x"
        #expect(try await server.send("GET", form).body.contains("MissingAuthenticationToken"))
        expect(try await server.call("s3", "POST", "/bucket?delete", body: "<Delete>"), 400, "MalformedXML")
    }

    @Test func answersToHeadHaveTheObjectsLengthAndNoBody() async throws {
        let head = try await server.call("s3", "HEAD", "/bucket/key")
        #expect(head.status == 200 && head.header("content-length") == "5" && head.body.isEmpty)
        let refused = try await server.call("s3", "HEAD", "/bucket/key", secret: "other")
        #expect(refused.status == 403 && refused.body.isEmpty)
    }

    @Test func documentsAreReadWhole() async throws {
        let answer = try await server.call(
            "s3", "POST", "/bucket?delete", body: "<Delete><Object><Key>a</Key></Object><Object><Key>b&amp;</Key></Object></Delete>")
        #expect(answer.status == 200 && answer.body.contains("<Deleted><Key>a</Key></Deleted><Deleted><Key>b&amp;</Key></Deleted>"))
        for (digest, code) in [("1B2M2Y8AsgTpgAmY7PhCfg==", "BadDigest"), ("nonsense", "InvalidDigest")] {
            let wrong = try await server.call(
                "s3", "POST", "/bucket?delete", headers: [("content-md5", digest)], body: "<Delete><Object><Key>a</Key></Object></Delete>")
            #expect(wrong.status == 400 && wrong.body.contains("<Code>\(code)</Code>"))
        }
        #expect(try await server.call("s3", "GET", "/").body.contains("<Buckets><Bucket><Name>b</Name></Bucket></Buckets>"))
    }
}
