import AWSProtocols
import ByteCoding
import Store
import TimeSource

extension FunctionService {
    /// PublishVersion.
    @Sendable func publishVersion(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let record = try await publish(
            try reference(input, context), at: context.receivedAt, description: input.string("Description"),
            expecting: input.string("RevisionId"), codeSHA256: input.string("CodeSha256"))
        return try await describe(record)
    }

    /// Publishes `$LATEST` as it is now under the next number; when nothing changed since the last one, answers that.
    func publish(
        _ reference: FunctionReference, at instant: Timestamp, description: String? = nil, expecting expected: String? = nil,
        codeSHA256: String? = nil
    ) async throws -> FunctionRecord {
        for _ in 0..<5 {
            let latest = try await find(reference.unqualified)
            guard expected == nil || expected == latest.version.revisionID else {
                throw LambdaError.wrongRevision(readBy: "GetFunction/GetAlias")
            }
            let current = Base64.text(latest.version.codeSHA256)
            if let codeSHA256, codeSHA256 != current {
                throw LambdaError.invalidParameter(
                    "CodeSHA256 (\(codeSHA256)) is different from current CodeSHA256 in $LATEST (\(current)). Please try again with the CodeSHA256 in $LATEST."
                )
            }
            let variables = try await environments.open(latest)
            if let last = try await lastVersion(of: latest), try await isSame(last, latest, variables) { return last }
            var record = latest
            record.revisionID = dependencies.identifiers.orderedUUID()
            record.lastVersion += 1
            record.version.number = record.lastVersion
            record.version.revisionID = record.revisionID
            record.version.description = description ?? latest.version.description
            record.version.updatedAt = instant
            record.version.environment = try await environments.seal(
                variables, of: record.version, name: record.name, account: record.account)
            guard try await commit(FunctionStore.publish(record.version, of: record, from: latest.revisionID)) else { continue }
            dependencies.directory.remember(record, variables)
            return record
        }
        throw StoreError(.conflict).apiError
    }

    private func lastVersion(of latest: FunctionRecord) async throws -> FunctionRecord? {
        guard latest.lastVersion > 0 else { return nil }
        return try await database.read { transaction in
            try FunctionStore.find(
                name: latest.name, account: latest.account, version: latest.lastVersion, in: transaction)
        }
    }

    /// Whether a published version has the code and configuration of `$LATEST`; its description is its own.
    private func isSame(
        _ published: FunctionRecord, _ latest: FunctionRecord, _ variables: FunctionEnvironment.Variables?
    ) async throws -> Bool {
        let (old, new) = (published.version, latest.version)
        guard old.codeSHA256 == new.codeSHA256, old.runtime == new.runtime, old.roleARN == new.roleARN, old.handler == new.handler,
            old.timeout == new.timeout, old.memorySize == new.memorySize, old.settings == new.settings
        else { return false }
        let before = try await environments.open(published)
        return (before ?? []).elementsEqual(variables ?? [], by: { $0 == $1 })
    }
}
