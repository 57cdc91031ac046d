package import TimeSource

/// A function as stored: what all its versions share, and one version of it.
package struct FunctionRecord: Sendable, Hashable {
    /// The account.
    package var account: String
    /// The name, unique in the account.
    package var name: String
    /// Changes with every change of the function; those of one function ascend.
    package var revisionID: String
    /// The number of the version published last, 0 before the first. Numbers are never given twice.
    package var lastVersion: Int64
    /// Most invocations at one time, nil when the function has no limit of its own.
    package var reservedConcurrency: Int64?
    /// When it was created.
    package var createdAt: Timestamp
    /// The version that was asked for.
    package var version: FunctionVersionRecord

    /// A record of these facts.
    package init(
        account: String, name: String, revisionID: String, lastVersion: Int64 = 0, reservedConcurrency: Int64? = nil,
        createdAt: Timestamp, version: FunctionVersionRecord
    ) {
        self.account = account
        self.name = name
        self.revisionID = revisionID
        self.lastVersion = lastVersion
        self.reservedConcurrency = reservedConcurrency
        self.createdAt = createdAt
        self.version = version
    }
}

/// Code and configuration of a function: `$LATEST`, which changes, or a published version, which never does.
package struct FunctionVersionRecord: Sendable, Hashable {
    /// The number of `$LATEST`.
    package static let latest: Int64 = 0

    /// Its number; 0 is `$LATEST`.
    package var number: Int64
    /// AWS's `RevisionId`; changes with each change of code or configuration.
    package var revisionID: String
    /// The runtime's name.
    package var runtime: String
    /// The execution role.
    package var roleARN: String
    /// The handler.
    package var handler: String
    /// The description.
    package var description: String
    /// Seconds that an invocation may take.
    package var timeout: Int64
    /// Megabytes.
    package var memorySize: Int64
    /// The sealed environment; nil when it was not given.
    package var environment: [UInt8]?
    /// The SHA-256 of the code archive.
    package var codeSHA256: [UInt8]
    /// Bytes of the code archive.
    package var codeSize: Int64
    /// The members of the configuration that are kept as given, as JSON text.
    package var settings: [UInt8]
    /// When code or configuration changed last.
    package var updatedAt: Timestamp

    /// A version of these facts.
    package init(
        number: Int64 = FunctionVersionRecord.latest, revisionID: String, runtime: String, roleARN: String, handler: String,
        description: String, timeout: Int64, memorySize: Int64, environment: [UInt8]?, codeSHA256: [UInt8], codeSize: Int64,
        settings: [UInt8], updatedAt: Timestamp
    ) {
        self.number = number
        self.revisionID = revisionID
        self.runtime = runtime
        self.roleARN = roleARN
        self.handler = handler
        self.description = description
        self.timeout = timeout
        self.memorySize = memorySize
        self.environment = environment
        self.codeSHA256 = codeSHA256
        self.codeSize = codeSize
        self.settings = settings
        self.updatedAt = updatedAt
    }
}
