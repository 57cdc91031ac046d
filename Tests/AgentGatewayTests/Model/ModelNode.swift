import AgentProtocol
import Engine
import Store
import TimeSource

@testable import AgentGateway

/// A node as `docs/architecture/agent.md` describes it, reduced to what decides whether something runs: its spool, and what it ran.
struct ModelNode {
    /// What the spool holds of an attempt. It outlives the agent.
    enum Spooled: Equatable {
        /// Recorded durably; nothing ran.
        case accepted(isClaimed: Bool)
        /// Its job runs.
        case running(isTold: Bool)
        /// Its job has ended, or never began.
        case ended(code: Int, stopped: AttemptOutcome.Stop, hasRun: Bool)
    }

    var agent: AgentDouble
    var spool: [AttemptID: Spooled] = [:]
    /// How often the job of each attempt was begun. Nothing forgets this.
    var runs: [AttemptID: Int] = [:]
    var isConnected = false
    var isDeregistered = false

    /// The greeting of an agent that begins, or whose connection was lost.
    mutating func greet() async throws {
        let attempts = spool.map { attempt, spooled in
            let state: SessionRequest.SpooledAttempt.State =
                switch spooled {
                case .accepted: .accepted
                case .running: .running
                case .ended: .ended
                }
            return SessionRequest.SpooledAttempt(attempt: attempt, state: state)
        }
        // Greetings may come twice.
        for _ in 0..<2 {
            let (status, body) = try await agent.send(
                agent.request("POST", AgentRoute.session, body: agent.greeting(attempts).bytes))
            isConnected = status == 200
            guard isConnected else { return }
            let reply = try SessionReply(bytes: body)
            agent.session = reply.session
            for message in reply.messages { take(message) }
        }
        _ = agent.room.coordinator.sessions.openStream(agent.session, of: agent.instance)
    }

    /// A message of the server, on whatever way it came.
    mutating func take(_ message: ServerMessage) {
        switch message {
        case .offer(let offer):
            if spool[offer.attempt] == nil { spool[offer.attempt] = .accepted(isClaimed: false) }
        case .go(let go):
            guard case .accepted = spool[go.attempt] else { return }
            spool[go.attempt] = .running(isTold: false)
            runs[go.attempt, default: 0] += 1
        case .void(let attempt):
            if case .accepted = spool[attempt] { spool[attempt] = nil }
        case .cancel(let attempt):
            switch spool[attempt] {
            case .accepted: spool[attempt] = .ended(code: -1, stopped: .cancel, hasRun: false)
            case .running: spool[attempt] = .ended(code: 137, stopped: .cancel, hasRun: true)
            case .ended, nil: break
            }
        case .closed(let attempt):
            // Of what still runs the end is thrown away, whenever it comes.
            spool[attempt] = nil
        case .acknowledged, .ping, .unknown: break
        }
    }

    /// What the agent would tell now of an attempt, in order.
    func tale(of attempt: AttemptID) -> [AgentMessage] {
        switch spool[attempt] {
        case nil: return []
        case .accepted(let isClaimed): return [isClaimed ? .goRequest(attempt) : .claim(attempt)]
        case .running: return [.started(attempt, startedAtMilliseconds: agent.room.clock.now.milliseconds)]
        case .ended(let code, let stopped, let hasRun):
            let now = agent.room.clock.now.milliseconds
            guard hasRun else { return [.exit(AttemptOutcome(attempt: attempt, stopped: stopped, endedAtMilliseconds: now))] }
            return [.started(attempt, startedAtMilliseconds: now), agent.exit(attempt, code, stopped: stopped)]
        }
    }

    /// The agent has said this of an attempt, and does not know whether it was heard.
    mutating func noteTold(_ attempt: AttemptID) {
        switch spool[attempt] {
        case .accepted: spool[attempt] = .accepted(isClaimed: true)
        case .running: spool[attempt] = .running(isTold: true)
        case .ended, nil: break
        }
    }
}
