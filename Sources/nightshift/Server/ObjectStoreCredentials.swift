import AdminCLI
import Foundation
import RequestSigning

/// The access key for the S3 that objects are handed over to: out of a credentials file of the AWS CLI, which keeps it out of the
/// environment, or out of the environment's usual variables.
enum ObjectStoreCredentials {
    /// The key of `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and, for a temporary one, `AWS_SESSION_TOKEN`; nil without the first two.
    static func ofEnvironment() -> RequestSigner.Credentials? {
        let environment = ProcessInfo.processInfo.environment
        guard let key = environment["AWS_ACCESS_KEY_ID"], let secret = environment["AWS_SECRET_ACCESS_KEY"] else { return nil }
        return RequestSigner.Credentials(
            accessKeyID: key, secretAccessKey: secret, sessionToken: environment["AWS_SESSION_TOKEN"])
    }

    /// The key of `PATH` or `PATH:PROFILE`.
    /// - Throws: `ServerSettings.Problems` when the file cannot be read or has no such key.
    static func read(_ source: String) throws -> RequestSigner.Credentials {
        let colon = source.lastIndex(of: ":")
        let path = colon.map { String(source[..<$0]) } ?? source
        let profile = colon.map { String(source[source.index(after: $0)...]) } ?? "default"
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ServerSettings.Problems(description: "cannot read the credentials file \(path)")
        }
        let file = CredentialsFile(String(decoding: data, as: UTF8.self))
        guard let key = file.setting("aws_access_key_id", profile: profile),
            let secret = file.setting("aws_secret_access_key", profile: profile)
        else {
            throw ServerSettings.Problems(
                description: "profile \(profile) in \(path) has no aws_access_key_id with aws_secret_access_key")
        }
        return RequestSigner.Credentials(
            accessKeyID: key, secretAccessKey: secret, sessionToken: file.setting("aws_session_token", profile: profile))
    }
}
