import AWSProtocols

extension DocumentService {
    @Sendable func describe(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        ["Document": try await view(context, input).description]
    }

    @Sendable func get(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let format = try DocumentText.Format(input.string("DocumentFormat"))
        return try await view(context, input).content(in: format)
    }

    private func view(_ context: RequestContext, _ input: APIStructure) async throws -> DocumentView {
        let name = try input.requiredString("Name")
        let version = input.string("DocumentVersion")
        let versionName = input.string("VersionName")
        if let document = try DocumentCatalogue.builtIn(name, version: version) {
            guard versionName == nil else { throw DocumentError.invalidVersion() }
            return DocumentView(builtIn: document)
        }
        let (stored, tags) = try await stored(name, DocumentSelector(version: version, versionName: versionName), context)
        return DocumentView(try CommandDocument(stored), stored.document, stored.version, tags: tags, context)
    }
}
