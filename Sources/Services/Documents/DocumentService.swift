import AWSProtocols
package import Store

/// Documents: the Systems Manager operations that keep, list and show them (API Reference, `CreateDocument` and its neighbours).
package final class DocumentService: Sendable {
    let database: any Database

    /// A service over the store.
    package init(database: any Database) {
        self.database = database
    }

    /// Adds this service's operations.
    package func register(in registry: inout OperationRegistry) {
        let commands = OperationOptions(
            partial: """
                documents of type Command in JSON or YAML, schema versions 1.2, 2.0 and 2.2; plugins aws:runShellScript, \
                aws:runPowerShellScript, aws:downloadContent; no attachments, no required documents
                """)
        registry.register(service: "ssm", operation: "CreateDocument", options: commands, handler: create)
        registry.register(service: "ssm", operation: "UpdateDocument", options: commands, handler: update)
        registry.register(service: "ssm", operation: "UpdateDocumentDefaultVersion", handler: setDefault)
        registry.register(service: "ssm", operation: "DeleteDocument", handler: delete)
        registry.register(service: "ssm", operation: "DescribeDocument", handler: describe)
        registry.register(service: "ssm", operation: "GetDocument", handler: get)
        registry.register(service: "ssm", operation: "ListDocuments", handler: list)
        registry.register(service: "ssm", operation: "ListDocumentVersions", handler: listVersions)
        registry.register(service: "ssm", operation: "DescribeDocumentPermission", handler: describePermission)
        registry.register(service: "ssm", operation: "ModifyDocumentPermission", handler: modifyPermission)
    }

    /// Documents as the tag operations know them: the resource's id is the document's name. Built-in ones take no tags.
    package var taggable: TaggableResource {
        TaggableResource(type: "Document") { [database] id, context in
            let reference = DocumentReference(id)
            guard reference.account ?? context.account == context.account else { return nil }
            let document = try await database.read { try DocumentStore.find(reference.name, account: context.account, in: $0) }
            return document.map { DocumentService.tagKey(of: $0.name) }
        }
    }

    /// Under which id `TagStore` has a document's tags.
    static func tagKey(of name: String) -> String { "document:\(name)" }

    /// Reads one of the account's own documents, to change it.
    func owned(
        _ name: String, _ selector: DocumentSelector, _ context: RequestContext
    ) async throws -> (stored: StoredDocument, tags: [(key: String, value: String)]) {
        guard DocumentReference(name).account ?? context.account == context.account else { throw DocumentError.notFound(name) }
        return try await stored(name, selector, context)
    }

    /// Reads a document of the account or one that is shared with it, with its tags.
    func stored(
        _ nameOrARN: String, _ selector: DocumentSelector, _ context: RequestContext
    ) async throws -> (stored: StoredDocument, tags: [(key: String, value: String)]) {
        try await database.read { transaction in
            let found = try DocumentCatalogue.own(
                DocumentReference(nameOrARN), selector, account: context.account, in: transaction)
            let tags = try TagStore.tags(
                of: DocumentService.tagKey(of: found.version.name), account: found.version.account, in: transaction)
            return (found, found.version.account == context.account ? tags : [])
        }
    }
}
