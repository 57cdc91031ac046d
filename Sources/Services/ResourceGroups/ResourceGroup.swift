import AWSProtocols
import JSONCore
import Store
import TimeSource

/// A resource group as the API shows it.
struct ResourceGroup: Sendable {
    let record: ResourceGroupRecord
    let arn: String
    private let facts: APIStructure

    init(_ record: ResourceGroupRecord, _ context: RequestContext) {
        self.record = record
        arn = ResourceGroup.arn(of: record.name, context)
        facts = (try? JSONParser.parse(record.facts))?.object.map { APIStructure($0) } ?? [:]
    }

    static func arn(of name: String, _ context: RequestContext) -> String {
        ARN(service: "resource-groups", region: context.region, account: context.account, resource: "group/\(name)").description
    }

    /// The name in what a caller wrote: a name, or an ARN of the account's own.
    /// - Throws: `NotFoundException` for an ARN of somebody else.
    static func name(of text: String, _ context: RequestContext) throws(APIError) -> String {
        guard text.hasPrefix("arn:") else { return text }
        let prefix = arn(of: "", context)
        guard text.hasPrefix(prefix) else { throw ResourceGroupError.notFound(text) }
        return String(text.dropFirst(prefix.count))
    }

    /// What is kept of a request beside name and query.
    static func facts(of input: APIStructure, over old: [UInt8] = []) -> [UInt8] {
        var facts = (try? JSONParser.parse(old))?.object.map { APIStructure($0) } ?? [:]
        for name in ["Description", "Criticality", "Owner", "DisplayName"] {
            if let value = input[name] { facts[name] = value }
        }
        return JSONWriter.bytes(of: .object(facts.plainJSON))
    }

    /// AWS's `Group`.
    var group: APIValue {
        var group: APIStructure = ["GroupArn": .string(arn), "Name": .string(record.name)]
        for member in facts.members { group[member.name] = member.value }
        return .structure(group)
    }

    /// AWS's `GroupIdentifier`, of ListGroups.
    var identifier: APIValue {
        var identifier: APIStructure = ["GroupName": .string(record.name), "GroupArn": .string(arn)]
        for member in facts.members { identifier[member.name] = member.value }
        return .structure(identifier)
    }

    /// Its query.
    /// - Throws: never for what CreateGroup took.
    func query() throws(APIError) -> ResourceQuery {
        try ResourceQuery(text: String(decoding: record.query, as: UTF8.self))
    }
}
