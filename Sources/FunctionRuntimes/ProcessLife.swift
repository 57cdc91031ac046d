/// The life of one function process, as the Runtime API shows it: decisions alone, no I/O.
///
/// ```
/// starting ──next──▶ idle ──event──▶ busy ──answer──▶ settling ──next──▶ idle …
///     └───────────────┴───────────────┴──────────────────┴──retire──▶ retiring ──exit──▶ ended
/// ```
///
/// An event is *held* while the process has not asked for it yet (starting, settling), and *delivered* once it was handed out. The
/// difference decides whether it may be given to another process, so each end says which of the two it interrupts.
struct ProcessLife: Sendable, Equatable {
    /// Where a process is in its life.
    enum Phase: Sendable, Equatable {
        /// Spawned, or about to be; has not asked for an event yet.
        case starting(held: String?)
        /// Waits in `…/invocation/next`.
        case idle
        /// Works on the event of that request id.
        case busy(String)
        /// Has answered and not asked again yet.
        case settling(held: String?)
        /// Is being killed.
        case retiring
        /// Has been waited for.
        case ended
    }

    /// What becomes of an event given to the process.
    enum Assignment: Equatable { case deliver, hold, refuse }
    /// How `…/invocation/next` is answered.
    enum NextAnswer: Equatable {
        case park
        case deliver(String)
        case refuse
    }
    /// How an answer of the function is received.
    enum AnswerReception: Equatable { case accept, wrongRequest, wrongState }
    /// What a retirement or an end interrupts.
    enum Interruption: Equatable {
        /// No event.
        case nothing
        /// An event that the process never saw, because it did not come up.
        case start(String)
        /// An event that the process never saw, although it had come up.
        case held(String)
        /// An event that the process worked on.
        case delivered(String)
    }

    /// Where the process is now.
    private(set) var phase: Phase = .starting(held: nil)

    /// Whether the process may still be given events.
    var isUsable: Bool { phase != .retiring && phase != .ended }

    /// An event is given to the process.
    mutating func assign(_ requestID: String) -> Assignment {
        switch phase {
        case .idle:
            phase = .busy(requestID)
            return .deliver
        case .starting(held: nil):
            phase = .starting(held: requestID)
            return .hold
        case .settling(held: nil):
            phase = .settling(held: requestID)
            return .hold
        case .starting, .settling, .busy, .retiring, .ended: return .refuse
        }
    }

    /// The process asks for an event.
    mutating func nextAsked() -> NextAnswer {
        switch phase {
        case .starting(let held), .settling(let held):
            guard let held else {
                phase = .idle
                return .park
            }
            phase = .busy(held)
            return .deliver(held)
        // A client that lost its connection asks again, perhaps before the loss was seen here.
        case .idle: return .park
        case .busy, .retiring, .ended: return .refuse
        }
    }

    /// The connection of a parked `next` is gone.
    mutating func nextLost() {
        if phase == .idle { phase = .settling(held: nil) }
    }

    /// The process answers, well or with an error, for a request id.
    mutating func answered(_ requestID: String) -> AnswerReception {
        guard case .busy(let current) = phase else { return .wrongState }
        guard current == requestID else { return .wrongRequest }
        phase = .settling(held: nil)
        return .accept
    }

    /// The process says that it cannot start. What is held fails with it. nil when it had already started.
    mutating func initFailed() -> Interruption? {
        guard case .starting(let held) = phase else { return nil }
        phase = .retiring
        return held.map(Interruption.start) ?? .nothing
    }

    /// The process is to be killed. nil when it already is, or has ended.
    mutating func retire() -> Interruption? {
        guard isUsable else { return nil }
        let interruption = self.interruption
        phase = .retiring
        return interruption
    }

    /// The process was waited for. Ending by itself interrupts what it had; nil when that was already settled by `retire`.
    mutating func ended() -> Interruption? {
        let interruption = isUsable ? self.interruption : nil
        phase = .ended
        return interruption
    }

    private var interruption: Interruption {
        switch phase {
        case .starting(let held?): .start(held)
        case .settling(let held?): .held(held)
        case .busy(let requestID): .delivered(requestID)
        case .starting, .settling, .idle, .retiring, .ended: .nothing
        }
    }
}
