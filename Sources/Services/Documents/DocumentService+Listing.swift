import AWSProtocols
import JSONCore
import Store
import TimeSource

extension DocumentService {
    private static let pageSize = 50
    private static let versionPageSize = 50
    /// How many documents are read at a time.
    private static let chunk = 200
    /// How many documents a call looks at before it answers a page that may be short.
    private static let scanLimit = 5_000

    @Sendable func list(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let filters = try DocumentFilter.parse(input)
        let after = try RunCommandToken.text(input.string("NextToken"), operation: "ListDocuments") ?? ""
        let limit = Int(input.integer("MaxResults") ?? Int64(DocumentService.pageSize))
        let own = try await database.read { transaction in
            try DocumentService.own(fitting: filters, account: context.account, after: after, limit: limit, in: transaction)
        }
        var documents = own.documents
        for document in CommandDocument.builtIn where document.name > after && document.name <= own.last ?? document.name {
            let facts = DocumentFacts(builtIn: document)
            if filters.allSatisfy({ $0.matches(facts) }) { documents.append(facts) }
        }
        documents.sort { $0.name < $1.name }
        let page = documents.prefix(limit)
        var output: APIStructure = ["DocumentIdentifiers": .list(page.map(\.identifier))]
        // More of what was found, or more that was not looked at.
        if let last = documents.count > limit ? page.last?.name : own.last {
            output["NextToken"] = .string(RunCommandToken.token(.text(last), operation: "ListDocuments"))
        }
        return output
    }

    /// The account's own documents that fit, a page of them and one more; `last` is the name up to which was looked, nil when that is all.
    private static func own(
        fitting filters: [DocumentFilter], account: String, after: String, limit: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> (documents: [DocumentFacts], last: String?) {
        var found: [DocumentFacts] = []
        var last = after
        var looked = 0
        while looked < scanLimit {
            let versions = try DocumentStore.list(account: account, after: last, limit: chunk, in: transaction)
            for version in versions {
                let tags = try TagStore.tags(of: tagKey(of: version.name), account: account, in: transaction)
                let facts = DocumentFacts(version, tags: tags)
                guard filters.allSatisfy({ $0.matches(facts) }) else { continue }
                found.append(facts)
                if found.count > limit { return (found, version.name) }
            }
            guard versions.count == chunk, let end = versions.last else { return (found, nil) }
            looked += versions.count
            last = end.name
        }
        return (found, last)
    }

    @Sendable func listVersions(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let name = try input.requiredString("Name")
        if let document = try DocumentCatalogue.builtIn(name, version: nil) {
            return ["DocumentVersions": [DocumentService.version(of: document)]]
        }
        let after = try RunCommandToken.value(input.string("NextToken"), operation: "ListDocumentVersions", scope: name)?.integer ?? 0
        let limit = Int(input.integer("MaxResults") ?? Int64(DocumentService.versionPageSize))
        let (document, versions) = try await database.read { transaction in
            let reference = DocumentReference(name)
            guard let document = try DocumentCatalogue.document(reference, account: context.account, in: transaction) else {
                throw DocumentError.notFound(name)
            }
            return (document, try DocumentStore.versions(of: document, after: after, limit: limit + 1, in: transaction))
        }
        var output: APIStructure = [
            "DocumentVersions": .list(
                versions.prefix(limit).map { version in
                    [
                        "Name": .string(version.name), "DisplayName": .optional(version.displayName),
                        "DocumentVersion": .string(String(version.number)), "VersionName": .optional(version.versionName),
                        "CreatedDate": .timestamp(version.createdAt.milliseconds),
                        "IsDefaultVersion": .bool(version.number == document.defaultVersion),
                        "DocumentFormat": .string(version.format), "Status": "Active",
                    ]
                })
        ]
        if versions.count > limit, let last = versions.prefix(limit).last {
            output["NextToken"] = .string(
                RunCommandToken.token(.integer(last.number), operation: "ListDocumentVersions", scope: name))
        }
        return output
    }

    private static func version(of document: CommandDocument) -> APIValue {
        [
            "Name": .string(document.name), "DocumentVersion": .string(document.version),
            "CreatedDate": .timestamp(CommandDocument.builtInCreatedAt), "IsDefaultVersion": true,
            "DocumentFormat": .string(document.text.format.rawValue), "Status": "Active",
        ]
    }
}
