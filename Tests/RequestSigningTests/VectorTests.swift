import Testing
import TimeSource

@testable import RequestSigning

/// Vectors of other implementations, verified and, where that is possible, signed anew.
@Suite struct VectorTests {
    @Test(arguments: VectorFile.published.vectors)
    func computesThePublishedSignature(vector: Vector) {
        let file = VectorFile.published
        let scope = CredentialScope(date: "20150830", region: "us-east-1", service: "service")
        let names = (vector.signedHeaders ?? "").split(separator: ";").map(String.init)
        let canonical = CanonicalRequest(vector.request, signedHeaders: names, pathStyle: .normalized)
        let stringToSign = canonical.stringToSign(
            payloadHash: vector.bodyDigest.hexadecimal, time: file.now, scope: scope)
        let signature = SigningKey(secretAccessKey: file.secretAccessKey, scope: scope).signature(of: stringToSign)
        #expect(
            Hexadecimal.text(signature) == vector.signature,
            "\(ASCII.text(canonical.bytes(payloadHash: vector.bodyDigest.hexadecimal)))")
    }

    @Test(arguments: VectorFile.botocore.vectors)
    func acceptsWhatBotocoreSigned(vector: Vector) async throws {
        let verifier = SignatureVerifier(resolver: FixedResolver(sessionToken: vector.sessionToken))
        let checked = try verifier.check(
            vector.request, rules: rules(vector), now: VectorFile.botocore.signedAt + .seconds(60))
        #expect(try checked.verify(body: vector.bodyDigest) == FixedResolver.principal)
        #expect(checked.coversBody == !(vector.service == "s3" && vector.expires != nil))
    }

    @Test(arguments: VectorFile.botocore.vectors)
    func refusesItWhenTheTargetIsChanged(vector: Vector) async throws {
        let verifier = SignatureVerifier(resolver: FixedResolver(sessionToken: vector.sessionToken))
        var request = vector.request
        request.path.append(contentsOf: "x".utf8)
        let checked = try verifier.check(
            request, rules: rules(vector), now: VectorFile.botocore.signedAt)
        #expect(throws: SignatureError.self) { try checked.verify(body: vector.bodyDigest) }
    }

    @Test(arguments: VectorFile.botocore.vectors)
    func signsAsBotocoreDoes(vector: Vector) throws {
        let file = VectorFile.botocore
        let signer = RequestSigner(
            credentials: .init(
                accessKeyID: file.accessKeyId, secretAccessKey: file.secretAccessKey, sessionToken: vector.sessionToken),
            region: "us-east-1", service: vector.service ?? "")
        var request = vector.request
        if let expires = vector.expires {
            let full = String(decoding: request.query, as: UTF8.self)
            let own = full.split(separator: "&").filter { !$0.hasPrefix("X-Amz-") }.joined(separator: "&")
            request.query = Array(own.utf8)
            let query = signer.presignedQuery(for: request, validFor: .seconds(expires), at: file.signedAt)
            #expect(Set(query.split(separator: "&")) == Set(full.split(separator: "&")))
        } else {
            let added = ["authorization", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256"]
            request.headers.removeAll { added.contains($0.name.lowercased()) }
            let headers = signer.headers(signing: request, body: vector.bodyDigest, at: file.signedAt)
            let expected = vector.request.headers.first { $0.name == "Authorization" }?.value
            #expect(headers.last?.value == expected)
        }
    }

    private func rules(_ vector: Vector) -> SigningRules {
        let service = vector.service ?? ""
        return service == "s3" ? .objects(region: "us-east-1") : .api(service: service, region: "us-east-1")
    }
}
