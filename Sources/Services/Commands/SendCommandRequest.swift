import AWSProtocols
import Engine
import JSONCore
import Store

/// A SendCommand as the caller wrote it, checked as far as that is possible without looking at nodes.
struct SendCommandRequest: Sendable {
    /// Which nodes the command is for.
    enum Targets: Sendable {
        case nodes([String])
        /// All of the criteria must hold, each with one of its values.
        case matching([(key: String, values: [String])])
    }

    static let defaultLogGroup = "/aws/ssm/"
    private static let defaultTimeout: Int64 = 3_600
    private static let mostNodes = 50

    let document: CommandDocument
    let documentVersion: String
    let targets: Targets
    let deliveryTimeout: Duration
    let logGroup: String?
    let maxConcurrency: RateLimit
    let maxErrors: RateLimit
    private let input: APIStructure

    /// Reads and checks the input.
    /// - Throws: the errors of SendCommand.
    init(_ input: APIStructure) throws(APIError) {
        self.input = input
        documentVersion = input.string("DocumentVersion") ?? "$DEFAULT"
        document = try DocumentService.find(input.requiredString("DocumentName"), version: documentVersion)
        if let hash = input.string("DocumentHash"), input.string("DocumentHashType") ?? "Sha256" == "Sha256",
            hash.lowercased() != document.hash
        {
            throw APIError("InvalidDocument", "The hash of the document \(document.name) is another one.")
        }
        targets = try SendCommandRequest.targets(input)
        deliveryTimeout = .seconds(input.integer("TimeoutSeconds") ?? SendCommandRequest.defaultTimeout)
        let output = input.structure("CloudWatchOutputConfig")
        let group = output?.string("CloudWatchLogGroupName") ?? ""
        logGroup =
            output?.bool("CloudWatchOutputEnabled") == true
            ? (group.isEmpty ? SendCommandRequest.defaultLogGroup + document.name : group) : nil
        guard let concurrency = RateLimit(input.string("MaxConcurrency") ?? "50"),
            let errors = RateLimit(input.string("MaxErrors") ?? "0")
        else { throw .validation("MaxConcurrency and MaxErrors are numbers or percentages.") }
        (maxConcurrency, maxErrors) = (concurrency, errors)
    }

    private static func targets(_ input: APIStructure) throws(APIError) -> Targets {
        let ids = input.strings("InstanceIds")
        let criteria = input.structures("Targets").map { (key: $0.string("Key") ?? "", values: $0.strings("Values")) }
        guard ids.isEmpty || criteria.isEmpty else {
            throw .validation("InstanceIds and Targets cannot be given together.")
        }
        guard criteria.isEmpty else {
            for (key, _) in criteria where key != "InstanceIds" && key != "tag-key" && !key.hasPrefix("tag:") {
                throw .validation("The target key \(key) is not valid: InstanceIds, tag-key and tag:KEY are supported.")
            }
            return .matching(criteria)
        }
        guard !ids.isEmpty else { throw .validation("InstanceIds or Targets must be given.") }
        guard ids.count <= mostNodes else { throw .validation("InstanceIds must have at most \(mostNodes) elements.") }
        for (index, id) in ids.enumerated() where ids[..<index].contains(id) { throw RunCommandError.duplicateNode(id) }
        return .nodes(ids)
    }

    /// The order for these nodes.
    /// - Throws: `InvalidParameters`.
    func order(account: String, nodes: [String], identity: CommandOrder.Identity) throws(APIError) -> CommandOrder {
        CommandOrder(
            account: account, identity: identity, documentName: document.name, documentVersion: documentVersion,
            steps: try document.steps(with: input.stringListMap("Parameters")),
            request: JSONWriter.bytes(of: .object(SendCommandRequest.shown(input).plainJSON)), nodes: nodes,
            deliveryTimeout: deliveryTimeout, logGroup: logGroup, concurrencyLimit: max(1, maxConcurrency.count(of: nodes.count)),
            errorLimit: maxErrors.count(of: nodes.count))
    }

    /// What the answers repeat of the request.
    private static func shown(_ input: APIStructure) -> APIStructure {
        let names = [
            "InstanceIds", "Targets", "Comment", "Parameters", "TimeoutSeconds", "OutputS3Region", "OutputS3BucketName",
            "OutputS3KeyPrefix", "MaxConcurrency", "MaxErrors", "ServiceRoleArn", "NotificationConfig",
            "CloudWatchOutputConfig",
        ]
        return APIStructure(names.compactMap { name in input[name].map { (name, $0) } })
    }
}
