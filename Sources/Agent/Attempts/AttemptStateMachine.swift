package import AgentProtocol

/// What to do about one attempt: a pure decision, from an input to the next state and the actions to carry out, in order.
///
/// ```
///            offer                place                 go               started/exit
///  (none) ─────────▶ waiting ─────────────▶ accepted ───────▶ running ─────────────────▶ draining ──▶ reporting ──▶ gone
///                    (memory)  record,claim (on disk)  spawn  (supervisor lives)  output          exit        closed
/// ```
///
/// `docs/architecture/agent.md` lists every arrow. The server's messages may come twice and late, from the stream and from a reply; an
/// input that makes no sense in a state is one of those and changes nothing.
package struct AttemptStateMachine: Sendable, Equatable {
    package enum State: Sendable, Equatable {
        /// Offered; nothing is on disk and the server knows nothing of us. Waits for a free place.
        case waiting(CommandOffer)
        /// `accepted` is on disk. The server may or may not have committed; only `go` starts anything.
        case accepted(digest: String, startsLost: Int)
        /// A supervisor was started or adopted. `hasStarted`: its `started` record was seen, so the job may have run.
        case running(digest: String, hasStarted: Bool, startsLost: Int)
        /// Over; output is still on its way to the server.
        case draining(AttemptOutcome)
        /// The outcome was told; waits for `closed`.
        case reporting(AttemptOutcome)
        /// Nothing is left to do; the owner forgets this machine.
        case gone
    }

    package enum Input: Sendable, Equatable {
        /// One of the places for commands side by side is given to this attempt.
        case placed
        /// From the server.
        case go(CommandGo)
        case void
        case cancel
        case closed
        /// A new session: what was said in the old one may be lost.
        case sessionOpened
        /// The answer to a claim, a request or an exit is overdue.
        case answerOverdue
        /// From the spool.
        case started(atMilliseconds: Int64)
        case ended(AttemptOutcome)
        /// The lock is free and there is no `exit`.
        case supervisorVanished(rebooted: Bool)
        /// The supervisor could not even be started.
        case launchFailed(String)
        /// The server has all output.
        case outputDelivered
    }

    package enum Action: Sendable, Equatable {
        /// Write `accepted`, durably. Comes before any `claim`.
        case record(CommandOffer)
        case send(AgentMessage)
        case launch(CommandGo)
        /// Ask the supervisor to stop the job.
        case requestCancel
        /// The server does not want this attempt's output any more.
        case discardOutput
        /// Write down how the attempt ended, beyond its directory. Comes before `removeDirectory`.
        case remember(AttemptOutcome)
        case removeDirectory
    }

    /// How often an attempt is tried whose supervisor died before it had started anything.
    package static let mostLostStarts = 3

    package let attempt: AttemptID
    package private(set) var state: State
    /// The server closed the attempt while its job ran: nothing more is reported.
    private var isForgotten = false

    /// The attempt of a first offer.
    package init(offer: CommandOffer) {
        attempt = offer.attempt
        state = .waiting(offer)
    }

    /// An attempt found in the spool at start.
    package init(attempt: AttemptID, recovered state: State) {
        self.attempt = attempt
        self.state = state
    }

    /// Whether the attempt takes one of the places.
    package var takesPlace: Bool {
        switch state {
        case .accepted, .running: true
        case .waiting, .draining, .reporting, .gone: false
        }
    }

    /// Whether an answer of the server is awaited, so that its absence is worth asking again.
    package var awaitsAnswer: Bool {
        switch state {
        case .accepted, .reporting: true
        case .waiting, .running, .draining, .gone: false
        }
    }

    /// Takes an input. `now` is wall time, milliseconds since 1970, for outcomes that the agent itself makes.
    package mutating func handle(_ input: Input, now: Int64) -> [Action] {
        switch state {
        case .waiting(let offer): handleWaiting(offer, input)
        case .accepted(let digest, let lost): handleAccepted(digest, lost, input, now)
        case .running(let digest, let hasStarted, let lost): handleRunning(digest, hasStarted, lost, input, now)
        case .draining(let outcome): handleDraining(outcome, input)
        case .reporting(let outcome): handleReporting(outcome, input)
        case .gone: []
        }
    }

    private mutating func handleWaiting(_ offer: CommandOffer, _ input: Input) -> [Action] {
        switch input {
        case .placed:
            state = .accepted(digest: offer.digest, startsLost: 0)
            return [.record(offer), .send(.claim(attempt))]
        case .void, .cancel, .closed, .sessionOpened:
            // The server offers again what still stands; it has heard nothing of this one.
            state = .gone
            return []
        default:
            return []
        }
    }

    private mutating func handleAccepted(_ digest: String, _ lost: Int, _ input: Input, _ now: Int64) -> [Action] {
        switch input {
        case .go(let go):
            guard go.digest == digest else {
                return finish(.couldNotStart, "the server ordered something else than it had offered", now)
            }
            state = .running(digest: digest, hasStarted: false, startsLost: lost)
            return [.launch(go)]
        case .sessionOpened, .answerOverdue:
            return [.send(.goRequest(attempt))]
        case .cancel:
            state = .reporting(AttemptOutcome(attempt: attempt, stopped: .cancel, endedAtMilliseconds: now))
            return sendOutcome()
        case .void, .closed:
            state = .gone
            return [.removeDirectory]
        default:
            return []
        }
    }

    private mutating func handleRunning(
        _ digest: String, _ hasStarted: Bool, _ lost: Int, _ input: Input, _ now: Int64
    ) -> [Action] {
        switch input {
        case .started(let at):
            guard !hasStarted else { return [] }
            state = .running(digest: digest, hasStarted: true, startsLost: lost)
            return isForgotten ? [] : [.send(.started(attempt, startedAtMilliseconds: at))]
        case .ended(let outcome):
            if isForgotten { return forget(outcome) }
            state = .draining(outcome)
            return []
        case .supervisorVanished(let rebooted):
            if isForgotten {
                return forget(
                    AttemptOutcome(
                        attempt: attempt, failure: rebooted ? .nodeRebooted : .supervisorLost, message: "nobody waited for its end",
                        endedAtMilliseconds: now))
            }
            if hasStarted {
                return rebooted
                    ? finish(.nodeRebooted, "the node restarted while the command ran", now)
                    : finish(.supervisorLost, "the command's supervisor vanished; what the command did is unknown", now)
            }
            // The record comes before the job is let go, so without it nothing ran and trying again is safe.
            guard lost + 1 < Self.mostLostStarts else {
                return finish(.couldNotStart, "the command's supervisor ends before it starts anything", now)
            }
            state = .accepted(digest: digest, startsLost: lost + 1)
            return [.send(.goRequest(attempt))]
        case .launchFailed(let message):
            return finish(.couldNotStart, message, now)
        case .cancel:
            return [.requestCancel]
        case .closed:
            // The job goes on: whoever forgot it did not ask to end it.
            isForgotten = true
            return [.discardOutput]
        case .placed, .go, .void, .sessionOpened, .answerOverdue, .outputDelivered:
            return []
        }
    }

    private mutating func handleDraining(_ outcome: AttemptOutcome, _ input: Input) -> [Action] {
        switch input {
        case .outputDelivered:
            state = .reporting(outcome)
            return sendOutcome()
        case .closed:
            return forget(outcome)
        default:
            return []
        }
    }

    private mutating func handleReporting(_ outcome: AttemptOutcome, _ input: Input) -> [Action] {
        switch input {
        case .sessionOpened, .answerOverdue: sendOutcome()
        case .closed, .void: forget(outcome)
        default: []
        }
    }

    private mutating func finish(_ failure: AttemptOutcome.Failure, _ message: String, _ now: Int64) -> [Action] {
        state = .draining(AttemptOutcome(attempt: attempt, failure: failure, message: message, endedAtMilliseconds: now))
        return []
    }

    private func sendOutcome() -> [Action] {
        guard case .reporting(let outcome) = state else { return [] }
        return [.send(.exit(outcome))]
    }

    private mutating func forget(_ outcome: AttemptOutcome) -> [Action] {
        state = .gone
        return [.remember(outcome), .removeDirectory]
    }
}
