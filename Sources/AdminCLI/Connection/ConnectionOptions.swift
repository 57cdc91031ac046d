package import ArgumentParser
import TimeSource

/// How a command finds the server and its key; the same for all commands that need a server.
package struct ConnectionOptions: ParsableArguments {
    @Option(help: "The server's address. Else NIGHTSHIFT_ENDPOINT, AWS_ENDPOINT_URL, \(ServerAddress.standard).")
    package var endpoint: String?

    @Option(help: "The profile with the access key, in AWS's credentials file. Else AWS_ACCESS_KEY_ID, AWS_PROFILE.")
    package var profile: String?

    @Option(help: "The server's data directory, for the key in its file admin-credentials.", completion: .directory)
    package var data: String?

    @Option(help: "The region in signatures. Else AWS_REGION, AWS_DEFAULT_REGION, us-east-1.")
    package var region: String?

    @Option(help: "File with the certificates to trust (PEM). Else AWS_CA_BUNDLE, the system's.", completion: .file())
    package var caCertificate: String?

    /// Made by the argument parser.
    package init() {}

    /// Where the server is.
    func address(_ environment: ProcessEnvironment) throws -> ServerAddress {
        let (name, value) =
            endpoint.map { ("--endpoint", $0) } ?? environment.first("NIGHTSHIFT_ENDPOINT", "AWS_ENDPOINT_URL")
            ?? ("the default", ServerAddress.standard)
        guard let address = ServerAddress(value) else {
            throw ValidationError("\(name) \(value): expected an address such as \(ServerAddress.standard), without a path")
        }
        return address
    }

    /// Lets `body` talk to the server and closes the connection afterwards, whatever happens.
    func withServer<Result>(
        _ environment: ProcessEnvironment = .current, timeout: Duration = .seconds(60),
        _ body: (any APICaller) async throws -> Result
    ) async throws -> Result {
        var configuration = ServerConnection.Configuration(
            address: try address(environment),
            region: region ?? environment.first("NIGHTSHIFT_REGION", "AWS_REGION", "AWS_DEFAULT_REGION")?.value ?? "us-east-1",
            certificateAuthorityFile: caCertificate ?? environment.first("AWS_CA_BUNDLE")?.value)
        configuration.timeout = timeout
        let lookup = CredentialsLookup(environment: environment, read: TextFile.text)
        let connection = ServerConnection(
            configuration, credentials: try lookup.find(profile: profile, dataDirectory: data), clock: LiveClock())
        do {
            let result = try await body(connection)
            await connection.close()
            return result
        } catch {
            await connection.close()
            throw error
        }
    }
}
