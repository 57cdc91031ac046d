import AWSProtocols
import JSONCore
import Store

extension DocumentService {
    /// With how many accounts a document may be shared (API Reference, `DocumentPermissionLimit`).
    private static let shareLimit = 1_000
    private static let sharePageSize = 50

    @Sendable func describePermission(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let name = try input.requiredString("Name")
        let limit = Int(input.integer("MaxResults") ?? Int64(DocumentService.sharePageSize))
        let after = try RunCommandToken.text(input.string("NextToken"), operation: "DescribeDocumentPermission", scope: name) ?? ""
        let (_, all) = try await shares(of: name, context)
        let shares = all.filter { $0.account > after }
        var output: APIStructure = [
            "AccountIds": .strings(shares.prefix(limit).map(\.account)),
            "AccountSharingInfoList": .list(
                shares.prefix(limit).map { ["AccountId": .string($0.account), "SharedDocumentVersion": .string($0.version)] }),
        ]
        if shares.count > limit, let last = shares.prefix(limit).last {
            output["NextToken"] = .string(
                RunCommandToken.token(.text(last.account), operation: "DescribeDocumentPermission", scope: name))
        }
        return output
    }

    @Sendable func modifyPermission(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let name = try input.requiredString("Name")
        try DocumentService.refuseBuiltIn(name)
        let added = input.strings("AccountIdsToAdd").map { $0.lowercased() }
        let removed = input.strings("AccountIdsToRemove").map { $0.lowercased() }
        guard Set(added).isDisjoint(with: removed) else {
            throw APIError.validation("An account is to be added and removed at once.")
        }
        return try await change {
            let (document, shares) = try await self.shares(of: name, context)
            guard Set(shares.map(\.account)).subtracting(removed).union(added).count <= DocumentService.shareLimit else {
                throw APIError("DocumentPermissionLimit", "The document cannot be shared with more AWS accounts.")
            }
            try await self.database.apply(
                DocumentStore.share(
                    document, version: input.string("SharedDocumentVersion") ?? "$DEFAULT", with: added, notWith: removed))
            return [:]
        }
    }

    /// One of the account's own documents and whom it is shared with.
    private func shares(
        of name: String, _ context: RequestContext
    ) async throws -> (document: DocumentRecord, shares: [(account: String, version: String)]) {
        if try DocumentCatalogue.builtIn(name, version: nil) != nil { throw DocumentError.builtIn(name) }
        return try await database.read { transaction in
            guard let document = try DocumentStore.find(name, account: context.account, in: transaction) else {
                throw DocumentError.notFound(name)
            }
            return (document, try DocumentStore.shares(of: document, in: transaction))
        }
    }
}
