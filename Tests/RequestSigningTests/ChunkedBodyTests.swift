import RequestSigning
import Testing
import TimeSource

/// The examples of "Signature calculations: transferring payload in multiple chunks" and "… including trailing headers" in the Amazon S3
/// API Reference: 65 KiB of the letter a, in chunks of 64 KiB.
@Suite struct ChunkedBodyTests {
    private struct Example {
        let form: String
        let extraHeaders: [SignableRequest.Header]
        let contentLength: String
        let signature: String
        let chunkSignatures: [String]
        let trailers: String
        var hasTrailers: Bool { !trailers.isEmpty }

        var body: [UInt8] {
            var bytes: [UInt8] = []
            for (length, signature) in zip([65_536, 1_024, 0], chunkSignatures) {
                bytes += Array("\(String(length, radix: 16));chunk-signature=\(signature)\r\n".utf8)
                if length > 0 { bytes += Array(repeating: UInt8(ascii: "a"), count: length) + [0x0D, 0x0A] }
            }
            return bytes + Array("\(trailers)\r\n".utf8)
        }
    }

    private struct ExampleKey: CredentialResolver {
        func credential(accessKeyID: String) -> AccessCredential? {
            AccessCredential(
                accessKeyID: accessKeyID, secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", principal: FixedResolver.principal)
        }
    }

    private static let plain = Example(
        form: "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", extraHeaders: [], contentLength: "66824",
        signature: "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
        chunkSignatures: [
            "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
            "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
            "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
        ], trailers: "")

    private static let withTrailers = Example(
        form: "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
        extraHeaders: [.init("x-amz-trailer", "x-amz-checksum-crc32c")], contentLength: "66824",
        signature: "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
        chunkSignatures: [
            "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
            "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
            "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
        ],
        trailers: """
            x-amz-checksum-crc32c:sOO8/Q==\r
            x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r

            """)

    private static func chain(_ example: Example) throws -> ChunkSignatures {
        let names =
            ["content-encoding", "content-length", "host", "x-amz-content-sha256", "x-amz-date", "x-amz-decoded-content-length"]
            + ["x-amz-storage-class"] + example.extraHeaders.map(\.name)
        let isPlain = !example.hasTrailers
        let signed = isPlain ? names : names.filter { $0 != "content-length" }
        let request = SignableRequest(
            method: "PUT", target: "/examplebucket/chunkObject.txt",
            headers: [
                .init("Host", "s3.amazonaws.com"), .init("x-amz-date", "20130524T000000Z"),
                .init("x-amz-storage-class", "REDUCED_REDUNDANCY"), .init("x-amz-content-sha256", example.form),
                .init("Content-Encoding", "aws-chunked"), .init("x-amz-decoded-content-length", "66560"),
                .init("Content-Length", example.contentLength),
                .init(
                    "Authorization",
                    """
                    AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, \
                    SignedHeaders=\(signed.joined(separator: ";")), Signature=\(example.signature)
                    """),
            ] + example.extraHeaders)
        let checked = try SignatureVerifier(resolver: ExampleKey()).check(
            request, rules: .objects(region: "us-east-1"), now: Timestamp(iso8601Basic: "20130524T000000Z") ?? .epoch)
        if isPlain { _ = try checked.verifyHead() }
        return checked.chunkSignatures
    }

    private static func decode(
        _ body: [UInt8], _ decoder: ChunkedBodyDecoder, cutAt cuts: [Int] = []
    ) throws -> (content: [UInt8], decoder: ChunkedBodyDecoder) {
        var decoder = decoder
        var content: [UInt8] = []
        var start = 0
        for end in cuts + [body.count] where end >= start {
            let piece = Array(body[start..<end])
            try piece.withUnsafeBytes { try decoder.decode($0, into: &content) }
            start = end
        }
        return (content, decoder)
    }

    @Test func awsExampleOfChunks() throws {
        let decoder = ChunkedBodyDecoder(signatures: try Self.chain(Self.plain), hasTrailers: false)
        let read = try Self.decode(Self.plain.body, decoder)
        #expect(read.decoder.isComplete && read.content == Array(repeating: UInt8(ascii: "a"), count: 66_560))
        #expect(Self.plain.body.count == 66_824)
    }

    @Test func awsExampleOfTrailers() throws {
        let decoder = ChunkedBodyDecoder(signatures: try Self.chain(Self.withTrailers), hasTrailers: true)
        let read = try Self.decode(Self.withTrailers.body, decoder)
        #expect(read.decoder.isComplete && read.content.count == 66_560)
        #expect(read.decoder.trailers == ["x-amz-checksum-crc32c": "sOO8/Q=="])
    }

    @Test func aByteChangedAnywhereIsFound() throws {
        let chain = try Self.chain(Self.withTrailers)
        let body = Self.withTrailers.body
        // All of the framing, and a sample of the content.
        let framing = body.indices.filter { body[$0] != UInt8(ascii: "a") } + stride(from: 100, to: body.count, by: 7_919)
        for index in framing {
            var changed = body
            changed[index] ^= 1
            let decoder = ChunkedBodyDecoder(signatures: chain, hasTrailers: true)
            let isComplete = (try? Self.decode(changed, decoder).decoder.isComplete) ?? false
            #expect(!isComplete, "byte \(index)")
        }
    }

    @Test func cutsAnywhereMakeNoDifference() throws {
        let body = Array("5\r\nhello\r\nA;ext=1\r\n, world!\r\n\r\n0\r\nx-amz-checksum-crc32: AAAAAA==\r\nother:1\r\n\r\n".utf8)
        for first in body.indices {
            for second in first..<body.count {
                let read = try Self.decode(body, ChunkedBodyDecoder(signatures: nil, hasTrailers: true), cutAt: [first, second])
                #expect(read.decoder.isComplete && read.content == Array("hello, world!\r\n".utf8))
                #expect(read.decoder.trailers == ["x-amz-checksum-crc32": "AAAAAA==", "other": "1"])
            }
        }
    }

    @Test func everyPrefixIsIncomplete() throws {
        let body = Array("3\r\nabc\r\n0\r\na:b\r\n\r\n".utf8)
        for count in 0..<body.count {
            let read = try Self.decode(Array(body.prefix(count)), ChunkedBodyDecoder(signatures: nil, hasTrailers: true))
            #expect(!read.decoder.isComplete, "\(count) bytes")
        }
    }

    @Test(arguments: [
        "x\r\n", "-1\r\n", "\r\n", "3\nabc\r\n", "3\r\nabcd\r\n", "3\r\nabc\r\n0\r\n\r\nmore", "0\r\nnocolon\r\n\r\n",
        "0\r\na:1\r\nA:2\r\n\r\n",
        "0\r\n:x\r\n\r\n", "ffffffffffffffff\r\n", "0\r\nx-amz-trailer-signature:00\r\n\r\n", "10000000000000000000\r\n",
    ]) func brokenFramingIsRefused(text: String) {
        #expect(throws: ChunkedBodyDecoder.Failure.self) {
            try Self.decode(Array(text.utf8), ChunkedBodyDecoder(signatures: nil, hasTrailers: true))
        }
    }

    @Test func endlessLinesAreRefused() {
        #expect(throws: ChunkedBodyDecoder.Failure.self) {
            try Self.decode(Array(repeating: UInt8(ascii: "0"), count: 5_000), ChunkedBodyDecoder(signatures: nil, hasTrailers: true))
        }
    }

    @Test func chunksWithoutSignaturesAreRefusedWhereTheyAreSigned() throws {
        let chain = try Self.chain(Self.plain)
        #expect(throws: ChunkedBodyDecoder.Failure.self) {
            try Self.decode(Array("1\r\na\r\n0\r\n\r\n".utf8), ChunkedBodyDecoder(signatures: chain, hasTrailers: false))
        }
    }

    @Test func whatIsFramedIsReadBack() throws {
        let now = Timestamp(seconds: 1_800_000_000)
        let signer = RequestSigner(
            credentials: RequestSigner.Credentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: FixedResolver.secret), region: "us-east-1",
            service: "s3")
        let headers = [SignableRequest.Header("host", "h"), .init("x-amz-trailer", "x-amz-checksum-crc32")]
        let signed = signer.headers(
            signing: SignableRequest(method: "PUT", target: "/b/k", headers: headers),
            payload: "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
            at: now)
        let checked = try SignatureVerifier(resolver: FixedResolver()).check(
            SignableRequest(method: "PUT", target: "/b/k", headers: headers + signed), rules: .objects(region: "us-east-1"), now: now)
        _ = try checked.verifyHead()
        for isSigned in [true, false] {
            var encoder = ChunkedBodyEncoder(signatures: isSigned ? signer.chunkSignatures(after: signed, at: now) : nil)
            let body =
                encoder.chunk([1, 2, 3]) + encoder.chunk(Array(repeating: 4, count: 10_000))
                + encoder.end(trailers: [(name: "x-amz-checksum-crc32", value: "AAAAAA==")])
            let read = try Self.decode(body, ChunkedBodyDecoder(signatures: isSigned ? checked.chunkSignatures : nil, hasTrailers: true))
            #expect(read.decoder.isComplete && read.content.count == 10_003 && read.decoder.trailers.count == 1)
        }
    }
}
