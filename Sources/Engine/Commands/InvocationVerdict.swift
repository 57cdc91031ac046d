import AgentProtocol
import Store
import TimeSource

/// What a node's account of an attempt means in AWS's terms (Systems Manager User Guide, "Understanding command statuses").
struct InvocationVerdict {
    let status: InvocationState.Status
    let detail: InvocationState.Detail
    /// A sentence for the operator, when there is more to say than an exit code.
    let failure: String?
    /// All steps, those too that were not begun.
    let results: [PluginResult]

    /// What Systems Manager's agent reports for a script that it had to end: 128 + SIGKILL.
    private static let stoppedCode = 137

    /// - Parameters:
    ///   - stopReason: why the server asked for the stop, if it did.
    ///   - stepCount: how many steps were ordered.
    init(_ outcome: AttemptOutcome, stopReason: InvocationState.StopReason?, stepCount: Int) {
        let endedAt = Timestamp(milliseconds: outcome.endedAtMilliseconds)
        var results = outcome.steps.prefix(stepCount).enumerated().map { index, step in
            InvocationVerdict.result(step, index, stopReason)
        }
        // Steps that were never begun share the fate of the whole.
        let rest = InvocationVerdict.ending(of: outcome, stopReason, after: results)
        for step in results.count..<max(results.count, stepCount) {
            results.append(
                PluginResult(
                    step: step, status: rest.status, detail: rest.detail, responseCode: -1, startedAt: nil, endedAt: endedAt))
        }
        let isStopped = outcome.failure != nil || outcome.stopped != .none
        let worst = isStopped ? nil : InvocationVerdict.worst(of: results)
        status = worst?.status ?? rest.status
        detail = worst?.detail ?? rest.detail
        failure = outcome.message ?? outcome.steps.compactMap(\.startError).first
        self.results = results
    }

    /// The first of these that a step has is the invocation's: the precedence that Systems Manager and its agent have agreed on.
    private static let severity: [InvocationState.Status] = [.failed, .timedOut, .cancelled, .success]

    private static func worst(of results: [PluginResult]) -> PluginResult? {
        severity.lazy.compactMap { status in results.first { $0.status == status } }.first
    }

    private static func result(
        _ step: AttemptOutcome.Step, _ index: Int, _ stopReason: InvocationState.StopReason?
    ) -> PluginResult {
        let (status, detail, code) = judge(step, stopReason)
        return PluginResult(
            step: index, status: status, detail: detail, responseCode: code,
            startedAt: Timestamp(milliseconds: step.startedAtMilliseconds),
            endedAt: Timestamp(milliseconds: step.endedAtMilliseconds))
    }

    private static func judge(
        _ step: AttemptOutcome.Step, _ stopReason: InvocationState.StopReason?
    ) -> (InvocationState.Status, InvocationState.Detail, Int) {
        switch step.stopped {
        case .timeout: return (.timedOut, .executionTimedOut, stoppedCode)
        case .cancel:
            return stopReason == .timeout
                ? (.timedOut, .executionTimedOut, stoppedCode) : (.cancelled, .cancelled, stoppedCode)
        case .terminated: return (.failed, .failed, stoppedCode)
        case .none: break
        }
        if step.skipped != nil || step.exitCode == 0 { return (.success, .success, 0) }
        if step.exitCode == AttemptOutcome.exitWithSuccess { return (.success, .success, AttemptOutcome.exitWithSuccess) }
        // A shell's way to say it; Systems Manager's agent says -1, which also means "not started".
        return (.failed, .failed, step.exitCode ?? step.signal.map { 128 + $0 } ?? -1)
    }

    private static func ending(
        of outcome: AttemptOutcome, _ stopReason: InvocationState.StopReason?, after results: [PluginResult]
    ) -> (status: InvocationState.Status, detail: InvocationState.Detail) {
        switch outcome.failure {
        case .nodeRebooted: return (.failed, .nodeRebooted)
        case .supervisorLost: return (.failed, .supervisorLost)
        case .couldNotStart: return (.failed, .failed)
        case nil: break
        }
        switch outcome.stopped {
        case .cancel: return stopReason == .timeout ? (.timedOut, .executionTimedOut) : (.cancelled, .cancelled)
        case .timeout: return (.timedOut, .executionTimedOut)
        case .terminated: return (.failed, .failed)
        // An earlier step asked for the end by failing.
        case .none: return results.contains { $0.status == .failed } ? (.cancelled, .cancelled) : (.failed, .failed)
        }
    }
}
