import AWSProtocols
package import Engine
package import FunctionCode
package import SecretEncryption
package import Store
package import TimeSource

/// Functions: the Lambda operations. `docs/architecture/functions.md` tells what happens to an invocation.
package final class FunctionService: Sendable {
    /// What the service is put together from.
    package struct Dependencies: Sendable {
        /// Where functions are kept.
        package var database: any Database
        /// Seals their environments.
        package var vault: SecretVault
        /// What may be invoked.
        package var directory: FunctionDirectory
        /// Their code.
        package var code: CodeStore
        /// Links to their code.
        package var links: CodeLinks
        /// Runs them.
        package var runner: FunctionRunner
        /// Takes asynchronous invocations.
        package var deliveries: DeliveryQueue
        /// Time.
        package var clock: EngineClock
        /// Identifiers.
        package var identifiers: IdentifierSource
        /// The region in ARNs.
        package var region: String
        /// Most processes of all functions together, as GetAccountSettings tells.
        package var maximumConcurrency: Int

        /// The dependencies.
        package init(
            database: any Database, vault: SecretVault, directory: FunctionDirectory, code: CodeStore, links: CodeLinks,
            runner: FunctionRunner, deliveries: DeliveryQueue, clock: EngineClock, identifiers: IdentifierSource, region: String,
            maximumConcurrency: Int
        ) {
            self.database = database
            self.vault = vault
            self.directory = directory
            self.code = code
            self.links = links
            self.runner = runner
            self.deliveries = deliveries
            self.clock = clock
            self.identifiers = identifiers
            self.region = region
            self.maximumConcurrency = maximumConcurrency
        }
    }

    /// What it is put together from.
    let dependencies: Dependencies
    /// The functions' environments.
    let environments: FunctionEnvironment

    /// A service over the store and the pool.
    package init(_ dependencies: Dependencies) {
        self.dependencies = dependencies
        environments = FunctionEnvironment(vault: dependencies.vault)
    }

    /// Where functions are kept.
    var database: any Database { dependencies.database }
    /// The region in ARNs.
    var region: String { dependencies.region }

    /// Adds this service's operations.
    package func register(in registry: inout OperationRegistry) {
        func add(_ operation: String, _ handler: @escaping OperationHandler, partial: String? = nil, skip: Set<String> = []) {
            registry.register(
                service: "lambda", operation: operation, options: OperationOptions(skipModelConstraints: skip, partial: partial),
                handler: handler)
        }
        // AWS's list of runtimes is not ours; the ranges are checked with AWS's bounds, which the model has not.
        let configured: Set<String> = ["Runtime"]
        add("CreateFunction", create, partial: FunctionConfiguration.remark, skip: configured)
        add("UpdateFunctionConfiguration", updateConfiguration, partial: FunctionConfiguration.remark, skip: configured)
        add("UpdateFunctionCode", updateCode, partial: "code as ZipFile only")
        add("DeleteFunction", delete)
        add("GetFunction", get)
        add("GetFunctionConfiguration", getConfiguration)
        add("ListFunctions", list)
        add("PublishVersion", publishVersion)
        add("ListVersionsByFunction", listVersions)
        add("GetAccountSettings", accountSettings)
        add("Invoke", invoke, partial: "answers are not streamed; no destinations of events")
        add("InvokeAsync", invokeAsync)
        add("PutFunctionConcurrency", putConcurrency)
        add("GetFunctionConcurrency", getConcurrency)
        add("DeleteFunctionConcurrency", deleteConcurrency)
        add("AddPermission", addPermission, partial: "stored and returned; accounts share nothing")
        add("RemovePermission", removePermission)
        add("GetPolicy", getPolicy)
        add("TagResource", tag)
        add("UntagResource", untag)
        add("ListTags", listTags)
    }

    // MARK: - Shared by the operations

    /// The reference of a request's `FunctionName` and `Qualifier`.
    func reference(_ input: APIStructure, _ context: RequestContext) throws(APIError) -> FunctionReference {
        try FunctionReference(input.requiredString("FunctionName"), qualifier: input.string("Qualifier"), context)
    }

    /// The stored version that a reference names.
    func find(_ reference: FunctionReference) async throws -> FunctionRecord {
        guard let version = reference.version,
            let record = try await database.read({ transaction in
                try FunctionStore.find(name: reference.name, account: reference.account, version: version, in: transaction)
            })
        else { throw LambdaError.functionNotFound(reference.arn) }
        return record
    }

    /// A version as the API shows it.
    func describe(_ record: FunctionRecord, isQualified: Bool = false) async throws -> APIStructure {
        FunctionDescription(
            record: record, variables: try await environments.open(record), region: region, isQualified: isQualified
        ).members
    }

    /// A change of a function's `$LATEST` or of what its versions share.
    struct Change {
        /// The function as it is to be.
        var record: FunctionRecord
        /// The variables of `$LATEST`.
        var variables: FunctionEnvironment.Variables?
        /// Whether code or configuration are other than before; then the version gets a new revision and time.
        var isNewRevision = true
    }

    /// Changes a function and tells the directory; durable when it returns.
    ///
    /// - Parameters:
    ///   - expected: the `RevisionId` of the request, which must be the function's.
    ///   - body: makes the change; again when somebody else changed the function meanwhile.
    func change(
        _ reference: FunctionReference, expecting expected: String?, at instant: Timestamp,
        _ body: (inout Change) throws(APIError) -> Void
    ) async throws -> FunctionRecord {
        for _ in 0..<5 {
            let old = try await find(reference.unqualified)
            guard expected == nil || expected == old.version.revisionID else {
                throw LambdaError.wrongRevision(readBy: "GetFunction/GetAlias")
            }
            var change = Change(record: old, variables: try await environments.open(old))
            try body(&change)
            change.record.revisionID = dependencies.identifiers.orderedUUID()
            if change.isNewRevision {
                change.record.version.revisionID = change.record.revisionID
                change.record.version.updatedAt = instant
                change.record.version.environment = try await environments.seal(
                    change.variables, of: change.record.version, name: old.name, account: old.account)
            }
            guard try await commit(FunctionStore.update(change.record, from: old.revisionID)) else { continue }
            dependencies.directory.remember(change.record, change.variables)
            if change.isNewRevision { dependencies.runner.retire(reference.functionARN) }
            return change.record
        }
        throw LambdaError.conflict(
            "The operation cannot be performed at this time. An update is in progress for resource: \(reference.functionARN)")
    }

    /// Applies a batch; false when somebody was faster.
    func commit(_ batch: [Statement]) async throws(APIError) -> Bool {
        do {
            try await database.apply(batch)
            return true
        } catch {
            if error.code == .conflict { return false }
            throw error.apiError
        }
    }
}
