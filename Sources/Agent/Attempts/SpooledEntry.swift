import AgentProtocol
import TimeSource

/// All that the registry holds of one attempt, besides what is in its spool directory.
struct SpooledEntry {
    var machine: AttemptStateMachine
    let directory: SpoolDirectory
    var reader: OutputReader
    /// What the server must be told, in order; kept until a report with it was answered.
    var outbox: [AgentMessage] = []
    /// When the server was last asked for an answer that is still missing.
    var askedAt: MonotonicInstant?
    /// An offer that could not be recorded is tried again from then on.
    var retryAt: MonotonicInstant?
    var discardsOutput = false
    /// The watch of its directory.
    var watch: Int32?
    /// When it is next worth finding out whether the supervisor lives; nil for at once.
    var lockLookAt: MonotonicInstant?

    init(machine: AttemptStateMachine, directory: SpoolDirectory) {
        self.machine = machine
        self.directory = directory
        reader = OutputReader(directory: directory)
    }

    /// Puts a message in the outbox; a newer one of its kind takes the place of an older.
    mutating func post(_ message: AgentMessage) {
        outbox.removeAll { $0.kind == message.kind }
        outbox.append(message)
    }

    /// Whether output may be sent: the job runs or has ended, and the server wants it.
    var forwardsOutput: Bool {
        switch machine.state {
        case .running, .draining: !discardsOutput
        case .waiting, .accepted, .reporting, .gone: false
        }
    }
}

extension AgentMessage {
    /// Messages of one kind about one attempt replace each other. A request for `go` says all that a claim says.
    fileprivate var kind: Int {
        switch self {
        case .claim, .goRequest: 0
        case .started: 1
        case .output: 2
        case .exit: 3
        case .unknown: 4
        }
    }
}
