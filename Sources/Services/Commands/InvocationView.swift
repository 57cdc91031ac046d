import AWSProtocols
import AgentProtocol
import Store
import TimeSource

/// An invocation as the API shows it.
struct InvocationView: Sendable {
    /// One step of it.
    struct Plugin: Sendable {
        let name: String
        let status: String
        let details: String
        let responseCode: Int
        let startedAt: Timestamp?
        let endedAt: Timestamp?
        /// Empty before the end.
        let output: InvocationOutput
        /// Under which keys its output is in S3, once it has ended; nil without a bucket.
        let keys: (stdout: String, stderr: String)?
    }

    let invocation: InvocationRecord
    let command: CommandView
    let nodeName: String?
    let isOnline: Bool
    /// This server's address, for those of objects.
    let endpoint: String
    let plugins: [Plugin]

    /// `InProgress` of a node that cannot be reached is shown as such: nothing ends it before the node reports.
    var details: String {
        let detail = invocation.state.detail
        return detail == .inProgress && !isOnline ? "Unreachable" : detail.rawValue
    }

    /// Reads what belongs to an invocation.
    init(
        _ invocation: InvocationRecord, of command: CommandView, isOnline: Bool, withOutput: Bool,
        endpoint: String, in transaction: any ReadTransaction
    ) throws(StoreError) {
        self.invocation = invocation
        self.command = command
        self.isOnline = isOnline
        self.endpoint = endpoint
        nodeName = try ManagedNodeStore.find(invocation.key.node, in: transaction)?.name
        guard withOutput else {
            plugins = []
            return
        }
        let results = try InvocationStore.results(of: invocation.key, in: transaction)
        var plugins: [Plugin] = []
        let steps = command.steps
        for step in steps.indices {
            guard let result = results.first(where: { $0.step == step }) else {
                plugins.append(InvocationView.unfinished(steps[step].name, invocation.state))
                continue
            }
            plugins.append(
                Plugin(
                    name: steps[step].name, status: result.status.rawValue, details: result.detail.rawValue,
                    responseCode: result.responseCode, startedAt: result.startedAt, endedAt: result.endedAt,
                    output: try InvocationView.output(of: invocation, step: step, in: transaction),
                    keys: InvocationView.keys(of: step, among: steps, invocation, command)))
        }
        self.plugins = plugins
    }

    private static func keys(
        of step: Int, among steps: [PluginStep], _ invocation: InvocationRecord, _ command: CommandView
    ) -> (stdout: String, stderr: String)? {
        command.bucket.map { bucket in
            func key(_ stream: String) -> String {
                bucket.key(command.record, node: invocation.key.node, steps: steps, step: step, stream: stream)
            }
            return (key("stdout"), key("stderr"))
        }
    }

    /// The address of an object; empty without one.
    private func url(_ key: String?) -> APIValue {
        guard let bucket = command.bucket, let key else { return "" }
        return .string("\(endpoint)/\(bucket.name)/\(key)")
    }

    private static func unfinished(_ name: String, _ state: InvocationState) -> Plugin {
        // Plugins know no Cancelling.
        let status = state.status == .pending ? "Pending" : "InProgress"
        return Plugin(
            name: name, status: status, details: status, responseCode: -1, startedAt: state.startedAt, endedAt: nil,
            output: InvocationOutput(stdout: [], stderr: []), keys: nil)
    }

    private static func output(
        of invocation: InvocationRecord, step: Int, in transaction: any ReadTransaction
    ) throws(StoreError) -> InvocationOutput {
        let attempt = invocation.state.attempt
        let stdout = try CommandOutputStore.kept(
            of: .init(invocation: invocation.key, attempt: attempt, step: step, stream: "stdout"), in: transaction)
        let stderr = try CommandOutputStore.kept(
            of: .init(invocation: invocation.key, attempt: attempt, step: step, stream: "stderr"), in: transaction)
        // What kept a job from running, or was lost with it, is nowhere else to be read.
        return InvocationOutput(stdout: stdout, stderr: stderr.isEmpty ? Array((invocation.state.failure ?? "").utf8) : stderr)
    }

    /// AWS's `CommandInvocation`, of ListCommandInvocations.
    var structure: APIValue {
        // Of one plugin only, says the API Reference.
        let keys = plugins.count == 1 ? plugins.first?.keys : nil
        return [
            "CommandId": .string(command.record.id), "InstanceId": .string(invocation.key.node),
            "InstanceName": .string(nodeName ?? ""), "Comment": .string(command.comment),
            "DocumentName": .string(command.record.documentName), "DocumentVersion": .string(command.record.documentVersion),
            "RequestedDateTime": .timestamp(command.record.requestedAt.milliseconds),
            "Status": .string(invocation.state.status.rawValue), "StatusDetails": .string(details),
            "StandardOutputUrl": url(keys?.stdout), "StandardErrorUrl": url(keys?.stderr), "CommandPlugins": .list(plugins.map(structure)),
            "ServiceRole": .string(command.serviceRole), "NotificationConfig": command.notificationConfig,
            "CloudWatchOutputConfig": command.logConfig,
        ]
    }

    private func structure(_ plugin: Plugin) -> APIValue {
        var output: APIStructure = [
            "Name": .string(plugin.name), "Status": .string(plugin.status), "StatusDetails": .string(plugin.details),
            "ResponseCode": .integer(Int64(plugin.responseCode)),
            "ResponseStartDateTime": .optionalTimestamp(plugin.startedAt?.milliseconds),
            "ResponseFinishDateTime": .optionalTimestamp(plugin.endedAt?.milliseconds),
            "Output": .string(plugin.output.combined), "StandardOutputUrl": url(plugin.keys?.stdout),
            "StandardErrorUrl": url(plugin.keys?.stderr),
        ]
        for (name, value) in command.bucketMembers { output[name] = value }
        return .structure(output)
    }

    /// The answer of GetCommandInvocation about one step.
    func result(of plugin: Plugin) -> APIStructure {
        let elapsed = plugin.startedAt.flatMap { start in plugin.endedAt.map { $0 - start } }
        return [
            "CommandId": .string(command.record.id), "InstanceId": .string(invocation.key.node),
            "Comment": .string(command.comment), "DocumentName": .string(command.record.documentName),
            "DocumentVersion": .string(command.record.documentVersion), "PluginName": .string(plugin.name),
            "ResponseCode": .integer(Int64(plugin.responseCode)),
            "ExecutionStartDateTime": .string(plugin.startedAt?.iso8601Milliseconds ?? ""),
            "ExecutionElapsedTime": .string(elapsed.map(InvocationView.iso8601) ?? ""),
            "ExecutionEndDateTime": .string(plugin.endedAt?.iso8601Milliseconds ?? ""),
            "Status": .string(invocation.state.status.rawValue), "StatusDetails": .string(details),
            "StandardOutputContent": .string(plugin.output.stdoutContent), "StandardOutputUrl": url(plugin.keys?.stdout),
            "StandardErrorContent": .string(plugin.output.stderrContent), "StandardErrorUrl": url(plugin.keys?.stderr),
            "CloudWatchOutputConfig": command.logConfig,
        ]
    }

    /// A duration as ISO 8601 writes it: `PT1.036S`, `PT2M3.5S`.
    static func iso8601(_ duration: Duration) -> String {
        let milliseconds = max(0, duration.wholeMilliseconds)
        let minutes = milliseconds / 60_000
        var text = "PT"
        if minutes >= 60 { text += "\(minutes / 60)H" }
        if minutes % 60 > 0 { text += "\(minutes % 60)M" }
        let fraction = String(milliseconds % 1_000 + 1_000).dropFirst()
        text += "\(milliseconds / 1_000 % 60)"
        if milliseconds % 1_000 > 0 { text += "." + fraction.trimmingSuffix("0") }
        return text + "S"
    }
}

extension Substring {
    /// The text without the characters like this one at its end.
    fileprivate func trimmingSuffix(_ character: Character) -> Substring {
        var text = self
        while text.last == character { text.removeLast() }
        return text
    }
}
