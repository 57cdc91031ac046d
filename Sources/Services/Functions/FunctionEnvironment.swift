import AWSProtocols
import JSONCore
import SecretEncryption
import Store

/// The environment variables of functions: their rules (AWS Lambda Developer Guide, "Using Lambda environment variables"), and how they
/// are kept: sealed, bound to the function and its revision.
struct FunctionEnvironment: Sendable {
    /// Names and values in the order of the request.
    typealias Variables = [(String, String)]

    private static let limit = 4_096
    private static let reserved: Set<String> = [
        "_HANDLER", "_X_AMZN_TRACE_ID", "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_DEFAULT_REGION", "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_LAMBDA_RUNTIME_API", "AWS_REGION", "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN", "LAMBDA_RUNTIME_DIR", "LAMBDA_TASK_ROOT",
    ]

    private let vault: SecretVault

    /// Environments that a vault seals.
    init(vault: SecretVault) {
        self.vault = vault
    }

    /// Checks the variables of a request.
    static func check(_ variables: Variables) throws(APIError) {
        let taken = variables.map(\.0).filter { reserved.contains($0) }
        guard taken.isEmpty else {
            throw LambdaError.invalidParameter(
                "Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: \(taken.joined(separator: ", "))"
            )
        }
        guard encode(variables).count <= limit else {
            throw LambdaError.invalidParameter(
                "Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit."
            )
        }
    }

    /// Seals the variables of a version; none stay none.
    func seal(_ variables: Variables?, of version: FunctionVersionRecord, name: String, account: String) async throws -> [UInt8]? {
        guard let variables else { return nil }
        return try await vault.seal(
            FunctionEnvironment.encode(variables), account: account, context: FunctionEnvironment.context(version, name))
    }

    /// The variables of a stored version, nil when it was given none.
    func open(_ record: FunctionRecord) async throws -> Variables? {
        guard let sealed = record.version.environment else { return nil }
        let text = try await vault.open(
            sealed, account: record.account, context: FunctionEnvironment.context(record.version, record.name))
        let object = try JSONParser.parse(text).object ?? JSONObject()
        return object.members.compactMap { member in member.value.text.map { (member.key.text, $0) } }
    }

    private static func encode(_ variables: Variables) -> [UInt8] {
        JSONWriter.bytes(of: .object(JSONObject(variables.map { (JSONString($0.0), JSONValue.text($0.1)) })))
    }

    private static func context(_ version: FunctionVersionRecord, _ name: String) -> [String] {
        ["function-environment", name, version.revisionID]
    }
}
