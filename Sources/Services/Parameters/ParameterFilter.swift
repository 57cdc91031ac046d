import AWSProtocols
import Store

/// One filter of a listing: DescribeParameters' `ParameterFilters` and `Filters`, and those of GetParametersByPath.
///
/// The rules and texts are those of ParameterStringFilter in the Systems Manager API Reference.
struct ParameterFilter: Sendable {
    /// How values are compared.
    enum Comparison: Sendable {
        case equals, beginsWith, contains
    }

    /// What is compared.
    enum Key: Sendable, Hashable {
        case name, type, keyID, tier, dataType, label
        case path(recursive: Bool)
        case tag(String)
    }

    let key: Key
    let comparison: Comparison
    let values: [String]

    /// Whether a parameter passes. Its tags and the labels of all of its versions are asked for only when the filter needs them.
    func matches(
        _ parameter: ParameterVersion, tags: () throws -> [(key: String, value: String)], labels: () throws -> [String]
    ) rethrows -> Bool {
        switch key {
        case .name: return matchesName(parameter.name)
        case .type: return compare(parameter.type)
        case .keyID: return parameter.keyID.map(compare) ?? false
        case .tier: return compare(parameter.tier)
        case .dataType: return compare(parameter.dataType)
        case .label:
            return try labels().contains(where: compare)
        case .path(let recursive):
            return values.contains { ParameterFilter.lies(parameter.name, in: $0, recursive: recursive) }
        case .tag(let name):
            guard let tag = try tags().first(where: { $0.key == name }) else { return false }
            return values.isEmpty || compare(tag.value)
        }
    }

    /// Names with and without the first slash are alike to a filter.
    private func matchesName(_ name: String) -> Bool {
        guard comparison != .contains else { return compare(name) }
        let bare = String(name.drop { $0 == "/" })
        return values.contains { value in
            let wanted = String(value.drop { $0 == "/" })
            return comparison == .equals ? bare == wanted : bare.hasPrefix(wanted)
        }
    }

    private func compare(_ text: String) -> Bool {
        values.contains { value in
            switch comparison {
            case .equals: text == value
            case .beginsWith: text.hasPrefix(value)
            case .contains: text.contains(value)
            }
        }
    }

    private static func lies(_ name: String, in path: String, recursive: Bool) -> Bool {
        let level = path.utf8.last == UInt8(ascii: "/") ? String(path.dropLast()) : path
        let parent = ParameterStore.parent(of: name)
        if recursive { return level.isEmpty || name.hasPrefix(level + "/") }
        return parent == (level.isEmpty ? "/" : level)
    }
}
