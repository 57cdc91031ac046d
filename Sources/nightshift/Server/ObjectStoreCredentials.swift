import AdminCLI
import Foundation
import RequestSigning

/// The access key for the S3 that objects are handed over to, out of a credentials file of the AWS CLI.
///
/// It is read at start and stands neither in the process list nor in the environment.
enum ObjectStoreCredentials {
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
