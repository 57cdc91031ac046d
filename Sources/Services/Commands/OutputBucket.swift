import AWSProtocols
import AgentProtocol
import Store

/// Where a command's output goes in S3, and under which keys.
struct OutputBucket: Sendable, Hashable {
    let name: String
    /// Without slashes at its ends.
    let prefix: String

    /// Reads the members of a request; nil without a bucket.
    init?(_ request: APIStructure) {
        guard let name = request.string("OutputS3BucketName"), !name.isEmpty else { return nil }
        self.name = name
        prefix = (request.string("OutputS3KeyPrefix") ?? "").split(separator: "/").joined(separator: "/")
    }

    /// The key of a stream, as Systems Manager's agent makes it: `PREFIX/COMMAND-ID/NODE/awsrunShellScript/STEP/stdout`. The plugins of
    /// documents of schema 1.2 have numbers for names: `0.awsrunShellScript`.
    func key(_ command: CommandRecord, node: String, steps: [PluginStep], step: Int, stream: String) -> String {
        let action = OutputBucket.withoutColons(steps[step].action)
        var name = OutputBucket.withoutColons(steps[step].name)
        if steps[step].name.hasPrefix("aws:") {
            let earlier = steps[..<step].count { $0.action == steps[step].action }
            name = "\(earlier).\(action)"
        }
        let path = [command.id, node, action, name, stream].joined(separator: "/")
        return prefix.isEmpty ? path : "\(prefix)/\(path)"
    }

    private static func withoutColons(_ text: String) -> String { text.filter { $0 != ":" } }
}
