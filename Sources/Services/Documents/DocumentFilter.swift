import AWSProtocols
import Store

/// A filter of ListDocuments: a key and values, of which one must fit (API Reference, `DocumentKeyValuesFilter`).
struct DocumentFilter: Sendable {
    /// What a filter compares.
    enum Key: Sendable {
        case name, owner, platformTypes, documentType, targetType, schemaVersion, documentFormat, searchKeyword
        case tag(String)
    }

    let key: Key
    let values: [String]

    /// Reads the filters of a request, the older form and the newer one.
    /// - Throws: `InvalidFilterKey`.
    static func parse(_ input: APIStructure) throws(APIError) -> [DocumentFilter] {
        var filters: [DocumentFilter] = []
        for filter in input.structures("Filters") {
            filters.append(DocumentFilter(key: try key(filter.string("Key") ?? ""), values: filter.strings("Values")))
        }
        for filter in input.structures("DocumentFilterList") {
            filters.append(DocumentFilter(key: try key(filter.string("key") ?? ""), values: [filter.string("value") ?? ""]))
        }
        return filters
    }

    private static func key(_ name: String) throws(APIError) -> Key {
        switch name {
        case "Name": .name
        case "Owner": .owner
        case "PlatformTypes": .platformTypes
        case "DocumentType": .documentType
        case "TargetType": .targetType
        case "SchemaVersion": .schemaVersion
        case "DocumentFormat": .documentFormat
        case "SearchKeyword": .searchKeyword
        case let tag where tag.hasPrefix("tag:") && tag.utf8.count > 4: .tag(String(tag.dropFirst(4)))
        default: throw APIError("InvalidFilterKey", "The filter key \(name) is not valid.")
        }
    }

    /// Whether a document fits.
    func matches(_ document: DocumentFacts) -> Bool {
        switch key {
        case .name: values.contains { document.name.hasPrefix($0) }
        case .owner: values.contains { owns($0, document) }
        case .platformTypes: values.contains { document.platformTypes.contains($0) }
        case .documentType: values.contains("Command")
        case .targetType: values.contains { $0 == document.version?.targetType }
        case .schemaVersion: values.contains(document.schemaVersion)
        case .documentFormat: values.contains(document.format)
        case .searchKeyword:
            values.contains { word in
                [document.name, document.description].contains { $0.lowercased().contains(word.lowercased()) }
            }
        case .tag(let key):
            document.tags.contains { tag in tag.key == key && (values.isEmpty || values.contains(tag.value)) }
        }
    }

    private func owns(_ owner: String, _ document: DocumentFacts) -> Bool {
        let isBuiltIn = document.version == nil
        return switch owner {
        case "All": true
        case "Public": isBuiltIn
        case "Self", "Private": !isBuiltIn
        default: owner == document.owner
        }
    }
}
