import AWSProtocols
import JSONCore
import Store

/// A query of type `TAG_FILTERS_1_0` (AWS Resource Groups API Reference, "ResourceQuery"): resources of some types whose tags match all of
/// the filters.
struct ResourceQuery: Sendable {
    /// Stands for all types.
    static let allTypes = "AWS::AllSupported"
    private static let type = "TAG_FILTERS_1_0"

    /// The text as it was given.
    let text: String
    /// The types that it asks for.
    let types: ResourceTypeFilter
    /// What the tags must say.
    let tags: [TagCriterion]

    /// Reads the query of a request.
    /// - Throws: `BadRequestException`; also for queries of CloudFormation's stacks, which there are none of.
    init(_ input: APIStructure) throws(APIError) {
        switch input.string("Type") {
        case ResourceQuery.type: break
        case "CLOUDFORMATION_STACK_1_0":
            throw ResourceGroupError.badRequest("Nightshift has no CloudFormation stacks: groups are made of tags, by TAG_FILTERS_1_0.")
        default: throw ResourceGroupError.badRequest("Query type not valid: use \(ResourceQuery.type).")
        }
        try self.init(text: input.string("Query") ?? "")
    }

    /// Reads the text of a query.
    init(text: String) throws(APIError) {
        self.text = text
        guard let json = try? JSONParser.parse(Array(text.utf8)), let object = json.object else {
            throw ResourceGroupError.badRequest("Query not valid: it is no JSON object.")
        }
        for (name, _) in object.members.map({ ($0.key.text, $0.value) }) where !["ResourceTypeFilters", "TagFilters"].contains(name) {
            throw ResourceGroupError.badRequest("Query not valid: \(name) is not known.")
        }
        guard let types = json["ResourceTypeFilters"]?.array?.compactMap(\.text), !types.isEmpty else {
            throw ResourceGroupError.badRequest("Query not valid: ResourceTypeFilters must have at least one type.")
        }
        self.types = try ResourceTypeFilter(types)
        guard let filters = json["TagFilters"]?.array, !filters.isEmpty else {
            throw ResourceGroupError.badRequest("Query not valid: TagFilters must have at least one filter.")
        }
        var tags: [TagCriterion] = []
        for filter in filters {
            guard let key = filter["Key"]?.text, (1...128).contains(key.unicodeScalars.count) else {
                throw ResourceGroupError.badRequest("Query not valid: a tag filter needs a Key.")
            }
            tags.append(.tag(key: key, values: filter["Values"]?.array?.compactMap(\.text) ?? []))
        }
        self.tags = tags
    }

    /// The query for an answer.
    var value: APIValue { ["Type": .string(ResourceQuery.type), "Query": .string(text)] }
}
