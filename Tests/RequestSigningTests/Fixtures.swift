import Foundation
import RequestSigning
import Testing
import TimeSource

/// A signed request of `Fixtures/sigv4`.
struct Vector: Decodable, Sendable, CustomTestStringConvertible {
    var name: String
    var method: String
    var target: String
    var headers: [[String]]
    var body: String
    var signedHeaders: String?
    var signature: String?
    var service: String?
    var sessionToken: String?
    var expires: Int?

    var testDescription: String { name }

    var request: SignableRequest {
        SignableRequest(method: method, target: target, headers: headers.map { .init($0[0], $0[1]) })
    }

    var bodyDigest: PayloadDigest { PayloadDigest(of: Array(body.utf8)) }
}

/// A file of vectors, all signed with one key at one time.
struct VectorFile: Decodable, Sendable {
    var accessKeyId: String
    var secretAccessKey: String
    var now: String
    var vectors: [Vector]

    static let published = load("published-vectors.json")
    static let botocore = load("botocore-vectors.json")

    var signedAt: Timestamp { Timestamp(iso8601Basic: now) ?? .epoch }

    private static func load(_ name: String) -> VectorFile {
        let folder = #filePath.split(separator: "/").dropLast().joined(separator: "/")
        do {
            let data = try Data(contentsOf: URL(fileURLWithPath: "/\(folder)/../Fixtures/sigv4/\(name)"))
            return try JSONDecoder().decode(VectorFile.self, from: data)
        } catch {
            fatalError("the fixture \(name) cannot be read: \(error)")
        }
    }
}

/// Knows a handful of keys.
struct FixedResolver: CredentialResolver {
    static let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
    static let principal = Principal(accountID: "000000000000", arn: "arn:aws:iam::000000000000:user/example")

    var sessionToken: String?
    var expiresAt: Timestamp?

    func credential(accessKeyID: String) throws -> AccessCredential? {
        guard accessKeyID == "AKIDEXAMPLE" else { return nil }
        return AccessCredential(
            accessKeyID: accessKeyID, secretAccessKey: Self.secret, sessionToken: sessionToken, expiresAt: expiresAt,
            principal: Self.principal)
    }
}
