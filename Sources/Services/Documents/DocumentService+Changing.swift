import AWSProtocols
import Store

extension DocumentService {
    /// How many versions a document may have (AWS General Reference, "Systems Manager quotas").
    private static let versionLimit = 1_000
    /// How often a change is tried that meets concurrent ones.
    private static let attempts = 5

    @Sendable func create(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let draft = try DocumentDraft(input)
        try draft.checkName()
        let version = draft.version(1, account: context.account, at: context.receivedAt)
        let key = DocumentService.tagKey(of: draft.name)
        do {
            try await database.apply(
                DocumentStore.create(version, content: Array(draft.text.text.utf8))
                    + draft.tags.map { TagStore.set($0.key, to: $0.value, of: key, account: context.account) })
        } catch {
            throw error.code == .conflict ? DocumentError.alreadyExists(draft.name) : error.apiError
        }
        let record = DocumentRecord(account: context.account, name: draft.name)
        return ["DocumentDescription": DocumentView(draft.document, record, version, tags: draft.tags, context).description]
    }

    @Sendable func update(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let name = try input.requiredString("Name")
        try DocumentService.refuseBuiltIn(name)
        let selector = DocumentSelector(version: input.string("DocumentVersion") ?? "$LATEST")
        // What is not there is told before what is wrong with its content.
        _ = try await owned(name, selector, context)
        let draft = try DocumentDraft(input)
        return try await change {
            let (current, tags) = try await self.owned(name, selector, context)
            try DocumentService.check(draft, updates: current)
            let census = try await self.database.read {
                try DocumentStore.census(of: current.document, hash: draft.text.hash, in: $0)
            }
            guard !census.hasHash else { throw DocumentError.duplicateContent() }
            guard census.count < DocumentService.versionLimit else { throw DocumentError.tooManyVersions() }
            if let versionName = draft.versionName {
                let taken = try await self.database.read { try DocumentStore.version(named: versionName, of: current.document, in: $0) }
                guard taken == nil else { throw DocumentError.duplicateVersionName() }
            }
            let number = current.document.lastVersion + 1
            let version = draft.version(
                number, targetType: current.version.targetType, account: context.account, at: context.receivedAt)
            try await self.database.apply(
                DocumentStore.add(version, content: Array(draft.text.text.utf8), to: current.document))
            var document = current.document
            document.latestVersion = number
            return ["DocumentDescription": DocumentView(draft.document(number), document, version, tags: tags, context).description]
        }
    }

    /// Only the latest version is updated, and none of schema 1.2 (User Guide, "Document versions").
    private static func check(_ draft: DocumentDraft, updates current: StoredDocument) throws(APIError) {
        guard current.version.number == current.document.latestVersion else { throw DocumentError.invalidVersion() }
        guard current.version.schemaVersion != CommandDocument.Schema.v12.rawValue, draft.document.schema != .v12 else {
            throw DocumentError.invalidSchemaVersion(
                "Documents of schema version 1.2 have one version only and can't be updated; use schema version 2.0 or later.")
        }
    }

    @Sendable func setDefault(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let name = try input.requiredString("Name")
        let selector = DocumentSelector(version: try input.requiredString("DocumentVersion"))
        try DocumentService.refuseBuiltIn(name)
        return try await change {
            let (found, _) = try await self.owned(name, selector, context)
            try await self.database.apply([DocumentStore.setDefault(found.version.number, of: found.document)])
            return [
                "Description": [
                    "Name": .string(name), "DefaultVersion": .string(String(found.version.number)),
                    "DefaultVersionName": .optional(found.version.versionName),
                ]
            ]
        }
    }

    @Sendable func delete(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let name = try input.requiredString("Name")
        let selector = DocumentSelector(version: input.string("DocumentVersion"), versionName: input.string("VersionName"))
        try DocumentService.refuseBuiltIn(name)
        return try await change {
            let isWhole = selector.version == nil && selector.versionName == nil
            let (found, _) = try await self.owned(name, isWhole ? DocumentSelector(version: "$DEFAULT") : selector, context)
            let batch = isWhole ? try await self.deletion(of: found.document) : try await self.deletion(of: found)
            try await self.database.apply(batch)
            return [:]
        }
    }

    private func deletion(of document: DocumentRecord) async throws -> [Statement] {
        let shares = try await database.read { try DocumentStore.shares(of: document, in: $0) }
        guard shares.isEmpty else {
            throw DocumentError.invalidOperation(
                """
                You attempted to delete a document while it is still shared. You must stop sharing the document before you can delete it.
                """)
        }
        return DocumentStore.delete(document)
            + [TagStore.removeAll(of: DocumentService.tagKey(of: document.name), account: document.account)]
    }

    private func deletion(of found: StoredDocument) async throws -> [Statement] {
        let (document, number) = (found.document, found.version.number)
        guard number != document.defaultVersion else {
            throw DocumentError.invalidOperation("Default version of the document can't be deleted.")
        }
        guard number == document.latestVersion else {
            return DocumentStore.delete(number, of: document, latest: document.latestVersion)
        }
        let newest = try await database.read { try DocumentStore.newest(of: document, below: number, in: $0) }
        return DocumentStore.delete(number, of: document, latest: newest ?? document.defaultVersion)
    }

    /// A built-in document belongs to nobody who may change it.
    static func refuseBuiltIn(_ name: String) throws(APIError) {
        guard !CommandDocument.builtIn.contains(where: { $0.name == name }) else { throw DocumentError.builtIn(name) }
    }

    /// Decides and applies a change, again when another request was faster.
    /// - Throws: `TooManyUpdates` when others are always faster; what `body` throws; the client's error for the store's.
    func change(_ body: () async throws -> APIStructure) async throws -> APIStructure {
        for _ in 0..<DocumentService.attempts {
            do {
                return try await body()
            } catch let error as StoreError {
                guard error.code == .conflict else { throw error.apiError }
            }
        }
        throw DocumentError.tooManyUpdates()
    }
}
