import AWSProtocols
import SecretEncryption
import Store

extension ParameterService {
    /// How many versions of a parameter are kept (Systems Manager User Guide, "Working with parameter versions").
    static let versionLimit: Int64 = 100
    /// How often a write is tried that meets concurrent ones.
    private static let attempts = 5

    @Sendable func put(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let draft = try ParameterDraft(input, context)
        let overwrites = input.bool("Overwrite") ?? false
        let tags = try ResourceTags.parse(input.structures("Tags"))
        guard tags.isEmpty || !overwrites else {
            throw APIError.validation(
                """
                Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite \
                flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.
                """)
        }
        guard tags.count <= ResourceTags.limit else {
            throw APIError.validation("A parameter has \(ResourceTags.limit) tags at most.")
        }
        for _ in 0..<ParameterService.attempts {
            let previous = try await previous(draft.name, account: context.account)
            guard previous == nil || overwrites else { throw ParameterError.alreadyExists() }
            var version = try draft.version(
                after: previous?.version, account: context.account, at: context.receivedAt, by: context.principal.arn)
            if version.type == "SecureString" {
                version.value = try await vault.seal(
                    version.value, account: context.account,
                    context: ParameterService.sealContext(name: version.name, version: version.number))
            }
            var batch = previous == nil ? ParameterStore.create(version) : ParameterStore.update(to: version)
            if let previous, version.number - previous.oldest >= ParameterService.versionLimit {
                guard !previous.isOldestLabelled else {
                    throw ParameterError.maxVersions(version.name, oldest: previous.oldest)
                }
                batch.append(ParameterStore.dropVersion(previous.oldest, of: version.name, account: context.account))
            }
            let key = ParameterService.tagKey(of: version.name)
            batch += tags.map { TagStore.set($0.key, to: $0.value, of: key, account: context.account) }
            do {
                try await database.apply(batch)
            } catch let error where error.code == .conflict {
                continue
            } catch {
                throw error.apiError
            }
            return ["Version": .integer(version.number), "Tier": .string(version.tier)]
        }
        throw ParameterError.tooManyUpdates()
    }

    /// What is there when a version is put.
    private struct Previous: Sendable {
        let version: ParameterVersion
        let oldest: Int64
        let isOldestLabelled: Bool
    }

    private func previous(_ name: String, account: String) async throws -> Previous? {
        try await database.read { transaction in
            guard let version = try ParameterStore.find(name, account: account, in: transaction),
                let oldest = try ParameterStore.oldestVersion(of: name, account: account, in: transaction)
            else { return nil }
            let isLabelled = try ParameterStore.labels(of: name, account: account, in: transaction).contains { $0.version == oldest }
            return Previous(version: version, oldest: oldest, isOldestLabelled: isLabelled)
        }
    }
}
