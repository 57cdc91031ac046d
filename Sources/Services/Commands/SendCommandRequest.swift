import AWSProtocols
import Engine
import JSONCore
import Store

/// A SendCommand as the caller wrote it, checked as far as that is possible without the database.
struct SendCommandRequest: Sendable {
    static let defaultLogGroup = "/aws/ssm/"
    private static let defaultTimeout: Int64 = 3_600

    let documentName: String
    let documentVersion: String
    let targets: CommandTargets
    let parameters: [(String, [String])]
    private let deliveryTimeout: Duration
    private let maxConcurrency: RateLimit
    private let maxErrors: RateLimit
    private let input: APIStructure

    /// Reads and checks the input.
    /// - Throws: the errors of SendCommand.
    init(_ input: APIStructure) throws(APIError) {
        self.input = input
        documentName = try input.requiredString("DocumentName")
        documentVersion = input.string("DocumentVersion") ?? "$DEFAULT"
        targets = try CommandTargets(input)
        parameters = input.stringListMap("Parameters")
        deliveryTimeout = .seconds(input.integer("TimeoutSeconds") ?? SendCommandRequest.defaultTimeout)
        guard let concurrency = RateLimit(input.string("MaxConcurrency") ?? "50"),
            let errors = RateLimit(input.string("MaxErrors") ?? "0")
        else { throw .validation("MaxConcurrency and MaxErrors are numbers or percentages.") }
        (maxConcurrency, maxErrors) = (concurrency, errors)
        _ = try CommandNotice(input.structure("NotificationConfig"))
        guard input.structure("AlarmConfiguration")?.structures("Alarms").isEmpty ?? true else {
            throw .validation("AlarmConfiguration is not supported by Nightshift yet: no alarm would stop the command.")
        }
    }

    /// The order that this request is now: its document, the parameters that it refers to and its nodes are looked up.
    /// - Throws: the errors of SendCommand.
    func order(
        account: String, region: String, identity: CommandOrder.Identity, in transaction: any ReadTransaction
    ) throws -> CommandOrder {
        let document = try DocumentCatalogue.find(documentName, version: documentVersion, account: account, in: transaction)
        try checkHash(of: document)
        // Before the nodes are looked for: bad parameters are bad whatever the nodes.
        let references = try CommandReferences.values(
            of: try document.references(with: parameters), account: account, region: region, in: transaction)
        let steps = try document.steps(with: parameters, references: references)
        let nodes = try targets.nodes(for: document, account: account, in: transaction)
        return CommandOrder(
            account: account, identity: identity, documentName: document.name, documentVersion: documentVersion, steps: steps,
            request: JSONWriter.bytes(of: .object(SendCommandRequest.shown(input).plainJSON)), nodes: nodes,
            deliveryTimeout: deliveryTimeout, logGroup: logGroup(document),
            concurrencyLimit: max(1, maxConcurrency.count(of: nodes.count)), errorLimit: maxErrors.count(of: nodes.count))
    }

    private func checkHash(of document: CommandDocument) throws(APIError) {
        // Only a SHA-256 is known of documents; a SHA-1 cannot be compared.
        guard let hash = input.string("DocumentHash"), input.string("DocumentHashType") ?? "Sha256" == "Sha256" else { return }
        guard hash.lowercased() == document.hash else {
            throw APIError("InvalidDocument", "The hash of the document \(document.name) is another one.")
        }
    }

    private func logGroup(_ document: CommandDocument) -> String? {
        let config = input.structure("CloudWatchOutputConfig")
        guard config?.bool("CloudWatchOutputEnabled") == true else { return nil }
        let group = config?.string("CloudWatchLogGroupName") ?? ""
        return group.isEmpty ? SendCommandRequest.defaultLogGroup + document.name : group
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
