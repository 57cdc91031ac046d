/// What a worker tells its operator.
package enum WorkerReport: Hashable, Sendable {
    /// A message is dealt with.
    case outcome(WorkerOutcome)
    /// The receipt handle is not valid any more while the command runs.
    case visibilityLost(QueueMessage)
    /// The visibility is over and could not be extended yet.
    case visibilityOverdue(QueueMessage)
    /// The message has been hidden for as long as a queue allows.
    case visibilityAtLimit(QueueMessage)
    /// The server does not answer.
    case serverAway
    /// It answers again.
    case serverBack
    /// No more messages are taken.
    case stopping(running: Int)
    /// The commands that still run were sent SIGTERM.
    case terminating(running: Int)

    /// The remark for people; nil for outcomes, which are the worker's output.
    package var remark: String? {
        switch self {
        case .outcome: nil
        case .visibilityLost(let message):
            "\(message.id): its visibility was lost while its command runs; the queue may give it to another worker"
        case .visibilityOverdue(let message):
            "\(message.id): its visibility could not be extended in time; the queue may give it to another worker"
        case .visibilityAtLimit(let message):
            "\(message.id): a queue hides a message for 12 hours at most; after that it comes again, whether its command has ended or not"
        case .serverAway: "the server does not answer; waiting for it"
        case .serverBack: "the server answers again"
        case .stopping(let running):
            running == 0 ? "stopping" : "stopping: no more messages are taken, \(running) running; a second signal ends what runs"
        case .terminating(let running): "ending what runs: SIGTERM to \(running)"
        }
    }
}
