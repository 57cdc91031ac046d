import AWSProtocols
import Store

/// One criterion for nodes (Systems Manager API Reference, "Target"): nodes meet it that have one of its values.
enum CommandTarget: Sendable, Hashable {
    /// One of these ids; nil for all nodes (`*`).
    case ids([String]?)
    case tags(TagCriterion)
    /// The members of a resource group.
    case group(String)
    /// Resources of these types.
    case types(ResourceTypeFilter)

    /// Reads one.
    /// - Throws: `ValidationException`.
    init(_ input: APIStructure) throws(APIError) {
        let key = input.string("Key") ?? ""
        let values = input.strings("Values")
        guard !values.isEmpty else { throw .validation("The target \(key) has no values.") }
        switch key {
        // The console writes it in small letters.
        case "InstanceIds", "instanceids", "instanceIds": self = .ids(values.contains("*") ? nil : values)
        case "tag-key": self = .tags(.oneOfKeys(values))
        case "resource-groups:Name":
            guard values.count == 1 else { throw .validation("The target resource-groups:Name takes exactly one resource group.") }
            self = .group(values[0])
        case "resource-groups:ResourceTypeFilters":
            do throws(APIError) {
                self = .types(try ResourceTypeFilter(values))
            } catch {
                throw .validation(error.message)
            }
        default:
            guard key.hasPrefix("tag:"), key.utf8.count > "tag:".utf8.count else {
                throw .validation(
                    """
                    The target key \(key) is not valid: use InstanceIds, tag:KEY, tag-key, resource-groups:Name or \
                    resource-groups:ResourceTypeFilters.
                    """)
            }
            self = .tags(.tag(key: String(key.dropFirst("tag:".count)), values: values))
        }
    }

    /// Narrows a selection by the criterion.
    /// - Throws: `ValidationException` for a group that is not there.
    func narrow(_ selection: inout NodeSelection, account: String, in transaction: any ReadTransaction) throws {
        switch self {
        case .ids(nil): break
        case .ids(let ids?): selection.ids.append(ids)
        case .tags(let criterion): selection.tags.append(criterion)
        case .types(let types): if !types.containsNodes { selection.isEmpty = true }
        case .group(let name):
            let key = name.hasPrefix("arn:") ? String(name.split(separator: "/", maxSplits: 1).last ?? "") : name
            guard let group = try ResourceGroupStore.find(key, account: account, in: transaction) else {
                throw APIError.validation("The resource group \(name) does not exist.")
            }
            let query = try ResourceQuery(text: String(decoding: group.query, as: UTF8.self))
            selection.tags += query.tags
            if !query.types.containsNodes { selection.isEmpty = true }
        }
    }
}
