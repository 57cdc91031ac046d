package import AgentProtocol
package import Engine
package import Store
package import TimeSource

/// Gives each download step of a go the permission that it needs.
package struct ContentGranting: GoPreparer {
    /// What a download may take beyond the execution timeouts before it.
    private static let grace: Int64 = 3_600_000

    private let keys: EngineKeys
    private let clock: any ClockSource

    /// Grants sealed by these keys.
    package init(keys: EngineKeys, clock: any ClockSource) {
        self.keys = keys
        self.clock = clock
    }

    package func prepare(
        _ steps: [PluginStep], for attempt: AttemptID, of command: CommandRecord, on node: String
    ) async throws -> [PluginStep] {
        var steps = steps
        var expiresAt = clock.now.milliseconds + ContentGranting.grace
        for index in steps.indices {
            expiresAt += Int64(steps[index].timeoutSeconds) * 1_000
            guard let download = steps[index].download else { continue }
            guard download.sourceType == "S3" else {
                throw GoRefused(reason: "aws:downloadContent: source type \(download.sourceType) is not supported; S3 is")
            }
            guard let source = ContentSource(url: download.path) else {
                throw GoRefused(reason: "aws:downloadContent: the path \(download.path) names no bucket")
            }
            let grant = ContentGrant(
                account: command.account, node: node, attempt: attempt, source: source, expiresAtMilliseconds: expiresAt)
            steps[index].download?.grant = grant.text(keys)
        }
        return steps
    }
}
