package import TimeSource

/// Where an invocation stands: the state of `InvocationStateMachine`, as stored.
package struct InvocationState: Sendable, Hashable {
    /// AWS's `CommandInvocationStatus`. `Delayed` is never used: what waits for a node is Pending until it is delivered or given up.
    package enum Status: String, Sendable, Hashable {
        case pending = "Pending"
        case inProgress = "InProgress"
        case cancelling = "Cancelling"
        case success = "Success"
        case failed = "Failed"
        case timedOut = "TimedOut"
        case cancelled = "Cancelled"
    }

    /// AWS's `StatusDetails`, and four of our own for what AWS has no word for.
    package enum Detail: String, Sendable, Hashable {
        case pending = "Pending"
        case inProgress = "InProgress"
        case cancelling = "Cancelling"
        case success = "Success"
        case failed = "Failed"
        case deliveryTimedOut = "DeliveryTimedOut"
        case executionTimedOut = "ExecutionTimedOut"
        case cancelled = "Cancelled"
        /// The node was deregistered before the command reached it.
        case undeliverable = "Undeliverable"
        /// The command had more errors than `MaxErrors` before this node's turn came.
        case terminated = "Terminated"
        /// Ours: the node restarted while the command ran.
        case nodeRebooted = "NodeRebooted"
        /// Ours: the supervisor, or the node's record of the attempt, is gone; what the command did is unknown.
        case supervisorLost = "SupervisorLost"
        /// Ours: the node was deregistered while the command ran.
        case unreachable = "Unreachable"
        /// Ours: an operator declared the node lost while the command ran; what the command did is unknown.
        case nodeLost = "NodeLost"
    }

    /// Why the node was asked to stop a running attempt.
    package enum StopReason: String, Sendable, Hashable {
        case cancel
        /// The server's own watch over the execution timeout ran out.
        case timeout
    }

    /// The status.
    package var status: Status
    /// The status in detail.
    package var detail: Detail
    /// Counts from 1; a command is never run on a node again, so it stays 1 so far.
    package var attempt: Int
    /// The agent's incarnation that was given the go.
    package var incarnation: Int64?
    /// Why the node was asked to stop, once it was.
    package var stopReason: StopReason?
    /// What went wrong beside the exit code, a sentence for the operator.
    package var failure: String?
    /// When the go was committed, by the wall clock: from here on the command may run.
    package var grantedAt: Timestamp?
    /// When the job began, by the node's clock.
    package var startedAt: Timestamp?
    /// When it ended, by the node's clock, or by the server's when it never began.
    package var endedAt: Timestamp?

    /// An invocation that waits for its node.
    package init() {
        status = .pending
        detail = .pending
        attempt = 1
    }

    /// Whether nothing can change any more.
    package var hasEnded: Bool {
        switch status {
        case .pending, .inProgress, .cancelling: false
        case .success, .failed, .timedOut, .cancelled: true
        }
    }
}
