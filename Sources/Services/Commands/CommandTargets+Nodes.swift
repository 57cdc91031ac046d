import AWSProtocols
import JSONCore
import Store

extension CommandTargets {
    /// The ids of the nodes, without doubles.
    /// - Throws: `InvalidInstanceId`, `UnsupportedPlatformType`, `ValidationException`.
    func nodes(for document: CommandDocument, account: String, in transaction: any ReadTransaction) throws -> [String] {
        switch self {
        case .nodes(let ids):
            let nodes = try ids.map { id in (id, try ManagedNodeStore.find(id, in: transaction)) }
            let invalid = nodes.filter { $0.1?.account != account || $0.1?.state != .active }
            guard invalid.isEmpty else { throw RunCommandError.invalidNodes(invalid.map(\.0), account: account) }
            for node in nodes.compactMap(\.1) { try CommandTargets.checkPlatform(of: node, document) }
            return ids
        case .matching(let criteria):
            var selection = NodeSelection()
            for criterion in criteria { try criterion.narrow(&selection, account: account, in: transaction) }
            return try selection.nodes(account: account, in: transaction)
        }
    }

    private static func checkPlatform(of node: ManagedNodeRecord, _ document: CommandDocument) throws(APIError) {
        let platform = (try? JSONParser.parse(node.facts))?["platformType"]?.text ?? "Linux"
        guard document.platformTypes.contains(platform) else {
            throw APIError(
                "UnsupportedPlatformType", "The document \(document.name) does not support the platform \(platform) of \(node.id).")
        }
    }
}
