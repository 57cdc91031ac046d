package import TimeSource

/// How one step of an invocation ended, as stored. There is none before the end.
package struct PluginResult: Sendable, Hashable {
    /// Which step, from 0.
    package let step: Int
    /// Success, Failed, TimedOut or Cancelled.
    package let status: InvocationState.Status
    /// The status in detail.
    package let detail: InvocationState.Detail
    /// The exit code, or -1 when it never started.
    package let responseCode: Int
    /// When it began, by the node's clock.
    package let startedAt: Timestamp?
    /// When it ended.
    package let endedAt: Timestamp?

    /// A result of these facts.
    package init(
        step: Int, status: InvocationState.Status, detail: InvocationState.Detail, responseCode: Int, startedAt: Timestamp?,
        endedAt: Timestamp?
    ) {
        self.step = step
        self.status = status
        self.detail = detail
        self.responseCode = responseCode
        self.startedAt = startedAt
        self.endedAt = endedAt
    }
}
