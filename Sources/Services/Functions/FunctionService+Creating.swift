import AWSProtocols
import FunctionCode
import Store
import TimeSource

extension FunctionService {
    private static let longestName = 64

    /// CreateFunction. The code is on the disk before the row that refers to it.
    @Sendable func create(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let reference = try reference(input, context)
        guard reference.name.utf8.count <= FunctionService.longestName else {
            throw APIError.validation(
                "1 validation error detected: Value '\(reference.name)' at 'functionName' failed to satisfy constraint: Member must have length less than or equal to \(FunctionService.longestName)"
            )
        }
        var version = try FunctionConfiguration.make(input)
        let variables = try FunctionConfiguration.variables(input)
        let tags = try FunctionTags.parse(input.stringMap("Tags"))
        let exists = try await database.read { transaction in
            try FunctionStore.find(name: reference.name, account: reference.account, in: transaction) != nil
        }
        guard !exists else { throw LambdaError.functionExists(reference.name) }
        let archive = try archive(of: input.structure("Code") ?? [:])
        version.codeSHA256 = try await keep(archive).bytes
        version.codeSize = Int64(archive.count)
        version.updatedAt = context.receivedAt
        version.revisionID = dependencies.identifiers.orderedUUID()
        version.environment = try await environments.seal(
            variables, of: version, name: reference.name, account: reference.account)
        let record = FunctionRecord(
            account: reference.account, name: reference.name, revisionID: version.revisionID, createdAt: context.receivedAt,
            version: version)
        let arn = reference.functionARN
        let batch = FunctionStore.create(record) + tags.map { TagStore.set($0.0, to: $0.1, of: arn, account: record.account) }
        guard try await commit(batch) else { throw LambdaError.functionExists(reference.name) }
        dependencies.directory.remember(record, variables)
        try await dependencies.directory.readTags(of: arn, account: record.account)
        if input.bool("Publish") == true {
            return try await describe(try await publish(reference, at: context.receivedAt))
        }
        return try await describe(record)
    }

    /// UpdateFunctionCode; with DryRun the archive is checked and nothing kept.
    @Sendable func updateCode(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let reference = try reference(input, context)
        let current = try await find(reference.unqualified)
        let archive = try archive(of: input)
        if input.bool("DryRun") == true {
            guard input.string("RevisionId") ?? current.version.revisionID == current.version.revisionID else {
                throw LambdaError.wrongRevision(readBy: "GetFunction/GetAlias")
            }
            do { try await dependencies.code.check(archive) } catch { throw LambdaError.code(error) }
            var planned = current
            planned.version.codeSHA256 = CodeDigest(of: archive).bytes
            planned.version.codeSize = Int64(archive.count)
            return try await describe(planned)
        }
        let digest = try await keep(archive)
        let architectures: APIStructure = input["Architectures"].map { ["Architectures": $0] } ?? [:]
        let record = try await change(reference, expecting: input.string("RevisionId"), at: context.receivedAt) {
            (change) throws(APIError) in
            change.record.version.codeSHA256 = digest.bytes
            change.record.version.codeSize = Int64(archive.count)
            try FunctionConfiguration.apply(architectures, to: &change.record.version)
        }
        if input.bool("Publish") == true {
            return try await describe(try await publish(reference, at: context.receivedAt))
        }
        return try await describe(record)
    }

    /// UpdateFunctionConfiguration.
    @Sendable func updateConfiguration(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let reference = try reference(input, context)
        let variables = try FunctionConfiguration.variables(input)
        let record = try await change(reference, expecting: input.string("RevisionId"), at: context.receivedAt) {
            (change) throws(APIError) in
            try FunctionConfiguration.apply(input, to: &change.record.version)
            change.variables = variables ?? change.variables
        }
        return try await describe(record)
    }

    /// DeleteFunction, of one version when there is a qualifier.
    @Sendable func delete(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let reference = try reference(input, context)
        guard reference.qualifier == nil else { return try await deleteVersion(reference) }
        for _ in 0..<5 {
            let record = try await find(reference)
            // Newer than every change that was committed before this one.
            let revision = dependencies.identifiers.orderedUUID()
            let batch = FunctionStore.delete(name: record.name, account: record.account, from: record.revisionID)
            guard try await commit(batch + [TagStore.removeAll(of: reference.functionARN, account: record.account)]) else { continue }
            dependencies.directory.forget(record.name, account: record.account, revision: revision)
            dependencies.runner.retire(reference.functionARN)
            return [:]
        }
        throw StoreError(.conflict).apiError
    }

    private func deleteVersion(_ reference: FunctionReference) async throws -> APIStructure {
        guard let version = reference.version, version != FunctionVersionRecord.latest else {
            throw LambdaError.invalidParameter("$LATEST version cannot be deleted without deleting the function.")
        }
        // Deleting a version that is not there succeeds, as on AWS; the function itself must be.
        _ = try await find(reference.unqualified)
        guard
            try await commit(FunctionStore.delete(version: version, name: reference.name, account: reference.account))
        else { throw StoreError(.conflict).apiError }
        dependencies.directory.forget(version: version, of: reference.name, account: reference.account)
        return [:]
    }

    /// The code archive of a request.
    private func archive(of code: APIStructure) throws(APIError) -> [UInt8] {
        guard !code.contains("ImageUri") else { throw LambdaError.unsupported("Functions from container images are") }
        guard !code.contains("S3Bucket"), !code.contains("S3Key") else {
            throw LambdaError.invalidParameter("Code from S3 is not supported by Nightshift yet; send it as ZipFile.")
        }
        guard let archive = code.blob("ZipFile") else {
            throw LambdaError.invalidParameter("Please provide a source for function code.")
        }
        return archive
    }

    private func keep(_ archive: [UInt8]) async throws(APIError) -> CodeDigest {
        do {
            return try await dependencies.code.add(archive)
        } catch {
            throw LambdaError.code(error)
        }
    }
}
