package import AgentProtocol
package import Store
package import TimeSource

/// What becomes of a command on one node: a pure decision, from an input to the next state and what to tell the node.
///
/// ```
///              claim                      outcome
///   Pending ───────────▶ InProgress ───────────────────▶ Success, Failed, TimedOut
///      │                     │ cancel                          ▲
///      │ cancel, deadline,   ▼            outcome              │
///      │ terminate       Cancelling ───────────────────────────┴▶ Cancelled
///      └──────────────────────────────────────────────────────▶ Cancelled, TimedOut, Failed
/// ```
///
/// The handshake (core rule 6): a `go` is told only once InProgress is committed, so a state that ended from Pending proves that nothing ran.
/// After that only the node's word ends it, or an operator's who deregisters the node or declares it lost. Every input may come twice and late.
/// `docs/architecture/run-a-command.md` lists every arrow.
package struct InvocationStateMachine: Sendable {
    /// What happens to an invocation.
    package enum Input: Sendable, Equatable {
        /// The node has recorded the offer durably and has a place for it.
        case claim(incarnation: Int64)
        /// The node has recorded the offer, has not started, and asks (again) for the go.
        case goRequest(incarnation: Int64)
        /// The job's process exists; time by the node's clock.
        case started(at: Timestamp)
        /// The node says how the attempt ended.
        case outcome(AttemptOutcome)
        /// Somebody cancels the command.
        case cancel
        /// The delivery timeout of a waiting invocation, or the server's own watch over a running one.
        case deadline
        /// The command has had too many errors.
        case terminate
        /// The node began a session and knows nothing of the attempt that it was given.
        case forgottenByNode
        /// The node was taken out of service.
        case nodeDeregistered
        /// An operator says that the node will not come back with what it runs.
        case nodeDeclaredLost
        /// The node asks for its go, and the server cannot make one; a sentence for the operator.
        case noGo(reason: String)
    }

    /// What to tell the node, after the state is committed.
    package enum Message: Sendable, Equatable {
        case go
        case void
        case stop
        case closed
    }

    /// Where the invocation stands.
    package private(set) var state: InvocationState
    /// How the steps ended, once the invocation has.
    package private(set) var results: [PluginResult] = []
    private let stepCount: Int

    /// The machine of an invocation that stands there, with so many steps.
    package init(_ state: InvocationState, stepCount: Int) {
        self.state = state
        self.stepCount = stepCount
    }

    /// Takes an input at an instant of the wall clock.
    package mutating func handle(_ input: Input, now: Timestamp) -> [Message] {
        switch state.status {
        case .pending: handlePending(input, now)
        case .inProgress: handleInProgress(input, now)
        case .cancelling: handleCancelling(input, now)
        case .success, .failed, .timedOut, .cancelled: handleEnded(input)
        }
    }

    private mutating func handlePending(_ input: Input, _ now: Timestamp) -> [Message] {
        switch input {
        case .claim(let incarnation), .goRequest(let incarnation):
            grant(incarnation, now)
            return [.go]
        case .cancel:
            end(.cancelled, .cancelled, now)
            return [.void]
        case .deadline:
            end(.timedOut, .deliveryTimedOut, now)
            return [.void]
        case .terminate:
            end(.cancelled, .terminated, now)
            return [.void]
        case .nodeDeregistered:
            end(.failed, .undeliverable, now)
            return []
        // The node ran what this database knows only as waiting: it was restored from a backup. The node's word counts.
        case .started(let startedAt):
            grant(state.incarnation, now)
            state.startedAt = startedAt
            return []
        case .outcome(let outcome):
            grant(state.incarnation, now)
            end(by: outcome)
            return [.closed]
        case .noGo(let reason):
            return refuse(reason, now)
        // What waits has not reached the node: it may still come back for it.
        case .forgottenByNode, .nodeDeclaredLost:
            return []
        }
    }

    private mutating func handleInProgress(_ input: Input, _ now: Timestamp) -> [Message] {
        switch input {
        case .claim(let incarnation), .goRequest(let incarnation):
            // The go was lost on its way. It may be said again as long as the node has not said that it started.
            guard state.startedAt == nil else { return lose(now) }
            state.incarnation = max(incarnation, state.incarnation ?? incarnation)
            return [.go]
        case .started(let startedAt):
            state.startedAt = state.startedAt ?? startedAt
            return []
        case .outcome(let outcome):
            end(by: outcome)
            return [.closed]
        case .cancel:
            state.status = .cancelling
            state.detail = .cancelling
            state.stopReason = .cancel
            return [.stop]
        case .deadline:
            // The node's supervisor should have ended it long ago. It is asked to; what happened is still for the node to say.
            state.stopReason = .timeout
            return [.stop]
        case .forgottenByNode:
            _ = lose(now)
            return []
        case .nodeDeregistered:
            state.failure = "The node was deregistered while the command ran; what the command did is unknown."
            end(.failed, .unreachable, now)
            return []
        case .nodeDeclaredLost:
            return giveUp(now)
        case .noGo(let reason):
            return state.startedAt == nil ? refuse(reason, now) : lose(now)
        case .terminate:
            return []
        }
    }

    private mutating func handleCancelling(_ input: Input, _ now: Timestamp) -> [Message] {
        switch input {
        case .claim, .goRequest, .noGo:
            // It asks for its go, so nothing ran.
            guard state.startedAt == nil else { return lose(now) }
            end(.cancelled, .cancelled, now)
            return [.void]
        case .started(let startedAt):
            state.startedAt = state.startedAt ?? startedAt
            return []
        case .outcome(let outcome):
            end(by: outcome)
            return [.closed]
        case .cancel:
            return [.stop]
        case .forgottenByNode:
            _ = lose(now)
            return []
        case .nodeDeregistered:
            state.failure = "The node was deregistered while the command was being cancelled."
            end(.failed, .unreachable, now)
            return []
        case .nodeDeclaredLost:
            return giveUp(now)
        case .deadline, .terminate:
            return []
        }
    }

    private func handleEnded(_ input: Input) -> [Message] {
        switch input {
        case .claim, .goRequest, .noGo: [.void]
        // A node that was given up is back, with what it was running: that is to end, and its end is not recorded.
        case .started: state.detail == .nodeLost ? [.stop] : [.closed]
        case .outcome: [.closed]
        case .cancel, .deadline, .terminate, .forgottenByNode, .nodeDeregistered, .nodeDeclaredLost: []
        }
    }

    private mutating func grant(_ incarnation: Int64?, _ now: Timestamp) {
        state.status = .inProgress
        state.detail = .inProgress
        state.incarnation = incarnation
        state.grantedAt = now
    }

    /// The node's own record of a started attempt is gone, as after its disk was rolled back. It is never run again.
    private mutating func lose(_ now: Timestamp) -> [Message] {
        state.failure = "The node has lost its record of the command; what the command did is unknown."
        end(.failed, .supervisorLost, now)
        return [.void]
    }

    /// Nobody waits for the node's word any longer. Should it still hear, it is told to stop.
    private mutating func giveUp(_ now: Timestamp) -> [Message] {
        state.failure = "The node was declared lost while the command ran; what the command did is unknown."
        end(.failed, .nodeLost, now)
        return [.stop]
    }

    /// Nothing ran, and nothing will.
    private mutating func refuse(_ reason: String, _ now: Timestamp) -> [Message] {
        state.failure = reason
        end(.failed, .failed, now)
        return [.void]
    }

    /// Ends what did not end by the node's report: each step shows the same.
    private mutating func end(_ status: InvocationState.Status, _ detail: InvocationState.Detail, _ now: Timestamp) {
        state.status = status
        state.detail = detail
        state.endedAt = now
        results = (0..<stepCount).map {
            PluginResult(step: $0, status: status, detail: detail, responseCode: -1, startedAt: state.startedAt, endedAt: now)
        }
    }

    private mutating func end(by outcome: AttemptOutcome) {
        let verdict = InvocationVerdict(outcome, stopReason: state.stopReason, stepCount: stepCount)
        state.status = verdict.status
        state.detail = verdict.detail
        state.failure = verdict.failure
        state.startedAt = state.startedAt ?? verdict.results.compactMap(\.startedAt).first
        state.endedAt = Timestamp(milliseconds: outcome.endedAtMilliseconds)
        results = verdict.results
    }
}
