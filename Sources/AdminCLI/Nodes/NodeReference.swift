import JSONCore

/// How an operator names a node: by its id, or by its name or host name where only one node has it.
struct NodeReference {
    /// The node as DescribeInstanceInformation answers it.
    let information: JSONValue

    /// `mi-…`
    var id: String { information["InstanceId"]?.text ?? "" }

    /// The id and the name, for sentences.
    var text: String {
        guard let name = information["Name"]?.text ?? information["ComputerName"]?.text else { return id }
        return "\(id) (\(name))"
    }

    /// Finds a node.
    /// - Throws: `CommandFailure` when there is none or there are several.
    static func find(_ text: String, _ server: any APICaller) async throws -> NodeReference {
        let isID = text.hasPrefix("mi-") || text.hasPrefix("i-")
        let filters: JSONValue = isID ? [["Key": "InstanceIds", "Values": [.text(text)]]] : []
        let nodes = try await server.list(
            .systemsManager("DescribeInstanceInformation", ["MaxResults": 50, "Filters": filters]), "InstanceInformationList")
        let found = isID ? nodes : nodes.filter { $0["Name"]?.text == text || $0["ComputerName"]?.text == text }
        guard let first = found.first else {
            throw CommandFailure("there is no node \(text)", advice: "`nightshift nodes` lists them.")
        }
        guard found.count == 1 else {
            throw CommandFailure(
                "several nodes are called \(text): \(found.compactMap { $0["InstanceId"]?.text }.joined(separator: ", "))",
                advice: "Name the one by its id.")
        }
        return NodeReference(information: first)
    }
}
