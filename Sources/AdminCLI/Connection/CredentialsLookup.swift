package import RequestSigning

/// An access key and where it was found, so that a refusal can say which key was refused.
package struct FoundCredentials: Sendable {
    /// The access key.
    package let credentials: RequestSigner.Credentials
    /// Where it was found, for people: `AWS_ACCESS_KEY_ID`, `profile night in /root/.aws/credentials`.
    package let source: String
}

/// Finds the access key to sign with: what the command line says, then the environment, then what the server on this machine left
/// in its data directory.
package struct CredentialsLookup {
    /// The profile under which the server writes its administrator's key.
    static let serverProfile = "nightshift"
    private static let advice = """
        Use one of: the server's own key with --data DIRECTORY (the directory given to `nightshift server --data`), a profile with \
        --profile or AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
        """

    private let environment: ProcessEnvironment
    private let read: (String) throws(FileProblem) -> String

    /// A look-up in this environment; `read` gives a file's text.
    package init(environment: ProcessEnvironment, read: @escaping (String) throws(FileProblem) -> String) {
        self.environment = environment
        self.read = read
    }

    /// The access key for these flags.
    /// - Throws: `CommandFailure` that says where it was looked for.
    package func find(profile: String?, dataDirectory: String?) throws -> FoundCredentials {
        if let profile { return try inProfile(profile) }
        if let dataDirectory { return try inServerFile(of: environment.expand(dataDirectory)) }
        if let key = environment.first("AWS_ACCESS_KEY_ID") {
            guard let secret = environment.first("AWS_SECRET_ACCESS_KEY") else {
                throw CommandFailure(
                    "AWS_ACCESS_KEY_ID is set, AWS_SECRET_ACCESS_KEY is not", advice: "Set both, or unset both and use --profile or --data."
                )
            }
            let token = environment.first("AWS_SESSION_TOKEN")?.value
            return FoundCredentials(
                credentials: .init(accessKeyID: key.value, secretAccessKey: secret.value, sessionToken: token), source: key.name)
        }
        if let profile = environment.first("AWS_PROFILE") { return try inProfile(profile.value) }
        return try inServerFile(of: environment.defaultDataDirectory)
    }

    private func inProfile(_ profile: String) throws -> FoundCredentials {
        let path = environment.expand(environment.first("AWS_SHARED_CREDENTIALS_FILE")?.value ?? "~/.aws/credentials")
        let file: CredentialsFile
        do {
            file = CredentialsFile(try read(path))
        } catch {
            // The server's own profile needs no copy in the user's file.
            if profile == CredentialsLookup.serverProfile, let found = try? inServerFile(of: environment.defaultDataDirectory) {
                return found
            }
            throw CommandFailure(
                "profile \(profile): the credentials file \(path) \(error)",
                advice: "Give its path in AWS_SHARED_CREDENTIALS_FILE. " + CredentialsLookup.advice)
        }
        if !file.profiles.contains(profile) {
            if profile == CredentialsLookup.serverProfile, let found = try? inServerFile(of: environment.defaultDataDirectory) {
                return found
            }
            let known = file.profiles.isEmpty ? "no profiles" : "these profiles: \(file.profiles.joined(separator: ", "))"
            throw CommandFailure("there is no profile \(profile) in \(path); it has \(known)", advice: CredentialsLookup.advice)
        }
        return try found(in: file, profile: profile, path: path)
    }

    private func inServerFile(of directory: String) throws -> FoundCredentials {
        var directory = directory
        while directory.count > 1, directory.hasSuffix("/") { directory.removeLast() }
        let path = directory + "/admin-credentials"
        do {
            return try found(in: CredentialsFile(try read(path)), profile: CredentialsLookup.serverProfile, path: path)
        } catch let problem as FileProblem {
            throw CommandFailure("no credentials: \(path) \(problem)", advice: CredentialsLookup.advice)
        }
    }

    private func found(in file: CredentialsFile, profile: String, path: String) throws -> FoundCredentials {
        guard let key = file.setting("aws_access_key_id", profile: profile),
            let secret = file.setting("aws_secret_access_key", profile: profile)
        else {
            throw CommandFailure(
                "profile \(profile) in \(path) has no aws_access_key_id with aws_secret_access_key",
                advice: "Nightshift takes access keys only, neither roles nor single sign-on profiles. " + CredentialsLookup.advice)
        }
        return FoundCredentials(
            credentials: .init(
                accessKeyID: key, secretAccessKey: secret, sessionToken: file.setting("aws_session_token", profile: profile)),
            source: "profile \(profile) in \(path)")
    }
}
