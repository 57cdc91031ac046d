/// Everything that the pool has to know about one version of one function to run it.
///
/// It is a snapshot: the caller passes the function as it is configured now with each invocation, and a changed `revisionID` is how
/// the pool learns that the processes it keeps warm are out of date.
package struct FunctionSpecification: Sendable, Hashable {
    /// The account that owns the function, twelve digits.
    package var account: String
    /// The function's name, without path or qualifier.
    package var name: String
    /// The function's ARN without a qualifier.
    package var arn: String
    /// `$LATEST` or the number of a published version.
    package var version: String
    /// The runtime's name as AWS spells it: `python3.12`, `provided.al2023`.
    package var runtime: String
    /// The handler, `module.function` for Python; passed on unread to a `bootstrap`.
    package var handler: String
    /// The ARN of the execution role, whose rights the function's credentials have.
    package var role: String
    /// Absolute path of the directory with the unpacked code. It is the working directory of the processes and never written to here.
    package var codeDirectory: String
    /// The SHA-256 of the code archive, Base64, as `CodeSha256` shows it.
    package var codeSHA256: String
    /// The function's own variables; those that the runtime sets itself win over them.
    package var environment: [String: String]
    /// How long one invocation may take, without the start of its process.
    package var timeout: Duration
    /// The memory limit of one process in MB (1,048,576 bytes each).
    package var memorySize: Int
    /// Most processes at one time; nil means no limit of its own, 0 means that nothing may run.
    package var reservedConcurrency: Int?
    /// Changes with each change of code or configuration.
    package var revisionID: String
    /// The log group that the output goes to, by default `/aws/lambda/NAME`.
    package var logGroup: String

    /// A function with Lambda's defaults: version `$LATEST`, three seconds, 128 MB, its usual log group.
    package init(
        account: String,
        name: String,
        arn: String,
        version: String = "$LATEST",
        runtime: String,
        handler: String,
        role: String,
        codeDirectory: String,
        codeSHA256: String,
        environment: [String: String] = [:],
        timeout: Duration = .seconds(3),
        memorySize: Int = 128,
        reservedConcurrency: Int? = nil,
        revisionID: String,
        logGroup: String? = nil
    ) {
        self.account = account
        self.name = name
        self.arn = arn
        self.version = version
        self.runtime = runtime
        self.handler = handler
        self.role = role
        self.codeDirectory = codeDirectory
        self.codeSHA256 = codeSHA256
        self.environment = environment
        self.timeout = timeout
        self.memorySize = memorySize
        self.reservedConcurrency = reservedConcurrency
        self.revisionID = revisionID
        self.logGroup = logGroup ?? "/aws/lambda/" + name
    }

    /// What processes are shared by: the same version of the same function, whatever its revision.
    var key: FunctionKey { FunctionKey(arn: arn, version: version) }
}

/// One version of one function.
struct FunctionKey: Hashable, Sendable {
    /// The function's ARN without a qualifier.
    var arn: String
    /// `$LATEST` or a number.
    var version: String
}
