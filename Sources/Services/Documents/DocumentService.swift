import AWSProtocols
import JSONCore

/// Documents: the Systems Manager operations that list and show them. So far there are AWS's own ones only.
package struct DocumentService: Sendable {
    /// AWS's documents were there before anything of ours.
    private static let createdAt: Int64 = 1_448_928_000_000
    private static let pageSize = 10

    /// A service over the built-in documents.
    package init() {}

    /// Adds this service's operations.
    package func register(in registry: inout OperationRegistry) {
        registry.register(
            service: "ssm", operation: "ListDocuments",
            options: OperationOptions(partial: "AWS-RunShellScript only; filters Name, Owner, PlatformTypes, DocumentType"),
            handler: list)
        registry.register(service: "ssm", operation: "DescribeDocument", handler: describe)
        registry.register(
            service: "ssm", operation: "GetDocument",
            options: OperationOptions(partial: "asked for YAML it answers JSON, which YAML includes"),
            handler: get)
    }

    /// Documents as resources with tags: AWS's own ones, which are all so far, take none.
    package var taggable: TaggableResource {
        TaggableResource(type: "Document") { _, _ in nil }
    }

    /// The document of a name or ARN, in a version.
    /// - Throws: `InvalidDocument`, `InvalidDocumentVersion`.
    static func find(_ nameOrARN: String, version: String?) throws(APIError) -> CommandDocument {
        let name = ARN(nameOrARN).flatMap { arn in
            arn.service == "ssm" && arn.resource.hasPrefix("document/") ? String(arn.resource.dropFirst(9)) : nil
        }
        guard let document = CommandDocument.builtIn.first(where: { $0.name == name ?? nameOrARN }) else {
            throw APIError("InvalidDocument", "Document with name \(nameOrARN) does not exist.")
        }
        guard ["$DEFAULT", "$LATEST", CommandDocument.version].contains(version ?? "$DEFAULT") else {
            throw APIError("InvalidDocumentVersion", "Document version \(version ?? "") of \(document.name) does not exist.")
        }
        return document
    }

    @Sendable private func describe(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let document = try DocumentService.find(input.requiredString("Name"), version: input.string("DocumentVersion"))
        return [
            "Document": [
                "Hash": .string(document.hash), "HashType": "Sha256", "Name": .string(document.name), "Owner": "Amazon",
                "CreatedDate": .timestamp(DocumentService.createdAt), "Status": "Active",
                "DocumentVersion": .string(CommandDocument.version), "Description": .string(document.description),
                "Parameters": .list(
                    document.parameters.map { parameter in
                        [
                            "Name": .string(parameter.name), "Type": .string(parameter.kind.rawValue),
                            "Description": .optional(parameter.description), "DefaultValue": .optional(parameter.defaultText),
                        ]
                    }),
                "PlatformTypes": .strings(document.platformTypes), "DocumentType": "Command",
                "SchemaVersion": .string(document.schemaVersion), "LatestVersion": .string(CommandDocument.version),
                "DefaultVersion": .string(CommandDocument.version), "DocumentFormat": "JSON", "Tags": [],
            ]
        ]
    }

    @Sendable private func get(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let document = try DocumentService.find(input.requiredString("Name"), version: input.string("DocumentVersion"))
        return [
            "Name": .string(document.name), "CreatedDate": .timestamp(DocumentService.createdAt),
            "DocumentVersion": .string(CommandDocument.version), "Status": "Active", "Content": .string(document.content),
            "DocumentType": "Command", "DocumentFormat": .string(input.string("DocumentFormat") ?? "JSON"),
        ]
    }

    @Sendable private func list(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        var filters = input.structures("Filters").map { ($0.string("Key") ?? "", $0.strings("Values")) }
        filters += input.structures("DocumentFilterList").map { ($0.string("key") ?? "", [$0.string("value") ?? ""]) }
        let after = try RunCommandToken.text(input.string("NextToken"), operation: "ListDocuments") ?? ""
        let limit = Int(input.integer("MaxResults") ?? Int64(DocumentService.pageSize))
        var documents: [CommandDocument] = []
        for document in CommandDocument.builtIn where document.name > after {
            if try filters.allSatisfy({ try DocumentService.matches(document, $0.0, $0.1) }) { documents.append(document) }
        }
        var output: APIStructure = [
            "DocumentIdentifiers": .list(
                documents.prefix(limit).map { document in
                    [
                        "Name": .string(document.name), "CreatedDate": .timestamp(DocumentService.createdAt), "Owner": "Amazon",
                        "PlatformTypes": .strings(document.platformTypes), "DocumentVersion": .string(CommandDocument.version),
                        "DocumentType": "Command", "SchemaVersion": .string(document.schemaVersion), "DocumentFormat": "JSON",
                        "Tags": [],
                    ]
                })
        ]
        if documents.count > limit, let last = documents.prefix(limit).last {
            output["NextToken"] = .string(RunCommandToken.token(.text(last.name), operation: "ListDocuments"))
        }
        return output
    }

    private static func matches(_ document: CommandDocument, _ key: String, _ values: [String]) throws(APIError) -> Bool {
        switch key {
        case "Name": values.contains { document.name.hasPrefix($0) }
        // `Self`, `Private`, `Public`: whose documents.
        case "Owner": values.contains { ["Amazon", "Public"].contains($0) }
        case "PlatformTypes": values.contains { document.platformTypes.contains($0) }
        case "DocumentType": values.contains("Command")
        case "SearchKeyword": values.contains { document.name.contains($0) || document.description.contains($0) }
        case let tag where tag.hasPrefix("tag:"): false
        default: throw APIError("InvalidFilterKey", "The filter key \(key) is not valid.")
        }
    }
}
