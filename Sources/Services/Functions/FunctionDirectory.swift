import AWSProtocols
import ByteCoding
package import FunctionCode
import Engine
import FunctionRuntimes
import JSONCore
package import SecretEncryption
package import Store
import Synchronization

/// What may be invoked now, in memory and ready to run: every version of every function.
///
/// Filled at start; changes are told after their commit and before their caller is answered. Two changes may be told in another order
/// than they were committed in; their revisions, which ascend, say which one is newer.
package final class FunctionDirectory: Sendable {
    private struct Key: Hashable {
        let account: String
        let name: String
    }

    private struct Version {
        let revision: String
        let specification: FunctionSpecification
        /// The queue of its `DeadLetterConfig`.
        let deadLetterQueue: QueueName?
    }

    private struct Entry {
        /// The newest revision that was told, also that of the deletion.
        var revision = ""
        var reservedConcurrency: Int64?
        var versions: [Int64: Version] = [:]
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        /// The ARNs of functions that may run twice for one event.
        var idempotent: Set<String> = []
    }

    /// The tag by which a function says that repeating an invocation does no harm (`true`).
    package static let idempotenceTag = "nightshift:idempotent"

    private let database: any Database
    private let environments: FunctionEnvironment
    private let code: CodeStore
    private let region: String
    private let state = Mutex(State())

    /// An empty directory; `load()` fills it.
    package init(database: any Database, vault: SecretVault, code: CodeStore, region: String) {
        self.database = database
        self.code = code
        self.region = region
        environments = FunctionEnvironment(vault: vault)
    }

    /// Reads all functions, and removes code that none has any more. Before anything is invoked or changed.
    package func load() async throws {
        let records = try await database.read { try FunctionStore.all(in: $0) }
        for record in records {
            remember(record, try await environments.open(record))
            let arn = FunctionReference.arn(record.name, account: record.account, region: region)
            if record.version.number == FunctionVersionRecord.latest { try await readTags(of: arn, account: record.account) }
        }
        try await code.sweep(keeping: Set(records.compactMap { CodeDigest(bytes: $0.version.codeSHA256) }))
    }

    /// What to run for a function's name and version, nil when there is none. Answers from memory.
    func specification(_ name: String, account: String, version: Int64) -> FunctionSpecification? {
        state.withLock { state in
            guard let entry = state.entries[Key(account: account, name: name)],
                var specification = entry.versions[version]?.specification
            else { return nil }
            specification.reservedConcurrency = entry.reservedConcurrency.map { Int($0) }
            return specification
        }
    }

    /// The queue for events that a version of a function failed at for good; nil without one, or when its target is none of the account's
    /// queues. Answers from memory.
    func deadLetterQueue(of name: String, account: String, version: Int64) -> QueueName? {
        state.withLock { $0.entries[Key(account: account, name: name)]?.versions[version]?.deadLetterQueue }
    }

    /// Whether a function may be invoked again for the same event, by its own word. Answers from memory.
    package func isIdempotent(_ functionARN: String) -> Bool {
        state.withLock { state in
            guard !state.idempotent.isEmpty else { return false }
            // The qualifier, if there is one, is the eighth part.
            let parts = functionARN.split(separator: ":", omittingEmptySubsequences: false)
            return state.idempotent.contains(parts.prefix(7).joined(separator: ":"))
        }
    }

    /// Takes a version of a function as it was committed.
    func remember(_ record: FunctionRecord, _ variables: FunctionEnvironment.Variables?) {
        let specification = specification(of: record, variables)
        let target = FunctionConfiguration.stored(record.version.settings)["DeadLetterConfig"]?["TargetArn"]?.text
        let queue = target.flatMap { QueueName(arn: $0) }.flatMap { $0.account == record.account ? $0 : nil }
        state.withLock { state in
            var entry = state.entries[Key(account: record.account, name: record.name)] ?? Entry()
            // Nothing is told of a deleted function but its next creation, whose revision is newer.
            guard record.revisionID >= entry.revision || !entry.versions.isEmpty else { return }
            if record.revisionID >= entry.revision {
                entry.revision = record.revisionID
                entry.reservedConcurrency = record.reservedConcurrency
            }
            if (entry.versions[record.version.number]?.revision ?? "") <= record.revisionID {
                entry.versions[record.version.number] = Version(
                    revision: record.revisionID, specification: specification, deadLetterQueue: queue)
            }
            state.entries[Key(account: record.account, name: record.name)] = entry
        }
    }

    /// Forgets a published version that was deleted.
    func forget(version: Int64, of name: String, account: String) {
        state.withLock { $0.entries[Key(account: account, name: name)]?.versions[version] = nil }
    }

    /// Forgets a function that was deleted; `revision` is newer than all that it had.
    func forget(_ name: String, account: String, revision: String) {
        let arn = FunctionReference.arn(name, account: account, region: region)
        state.withLock { state in
            let key = Key(account: account, name: name)
            guard let entry = state.entries[key], entry.revision <= revision else { return }
            state.entries[key] = Entry(revision: revision)
            state.idempotent.remove(arn)
        }
    }

    /// Looks at a function's tags after they were changed.
    func readTags(of arn: String, account: String) async throws {
        let tags = try await database.read { transaction in
            try TagStore.tags(of: arn, account: account, in: transaction).filter { $0.key == FunctionDirectory.idempotenceTag }.map(\.value)
        }
        state.withLock { state in
            if tags.first == "true" { state.idempotent.insert(arn) } else { state.idempotent.remove(arn) }
        }
    }

    private func specification(of record: FunctionRecord, _ variables: FunctionEnvironment.Variables?) -> FunctionSpecification {
        let version = record.version
        guard let digest = CodeDigest(bytes: version.codeSHA256) else {
            preconditionFailure("the digest of stored code is one that CodeStore made")
        }
        return FunctionSpecification(
            account: record.account, name: record.name,
            arn: FunctionReference.arn(record.name, account: record.account, region: region),
            version: version.number == FunctionVersionRecord.latest ? "$LATEST" : "\(version.number)", runtime: version.runtime,
            handler: version.handler, role: version.roleARN, codeDirectory: code.codeDirectory(digest),
            codeSHA256: Base64.text(version.codeSHA256),
            environment: Dictionary(variables ?? [], uniquingKeysWith: { $1 }), timeout: .seconds(version.timeout),
            memorySize: Int(version.memorySize), revisionID: version.revisionID,
            logGroup: FunctionConfiguration.logGroup(version, name: record.name))
    }
}
