import AWSProtocols

/// Which types of resources are asked for.
struct ResourceTypeFilter: Sendable, Hashable {
    /// Nil for all.
    private let types: Set<String>?

    /// - Throws: `BadRequestException` for what is no type.
    init(_ types: [String]) throws(APIError) {
        for type in types where type != ResourceQuery.allTypes {
            let parts = type.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 5, parts[0] == "AWS", parts[1].isEmpty, parts[3].isEmpty, !parts[2].isEmpty, !parts[4].isEmpty else {
                throw ResourceGroupError.badRequest("Unrecognized resource types: [\(type)]")
            }
        }
        self.types = types.contains(ResourceQuery.allTypes) ? nil : Set(types.map { $0.lowercased() })
    }

    /// All types.
    static let all = ResourceTypeFilter()

    private init() { types = nil }

    /// Whether resources of a type are asked for.
    func contains(_ type: String) -> Bool { types?.contains(type.lowercased()) ?? true }

    /// Whether managed nodes are.
    var containsNodes: Bool { contains(GroupedResource.nodeType) }
}
