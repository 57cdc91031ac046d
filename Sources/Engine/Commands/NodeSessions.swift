package import AgentProtocol
import Store
import Synchronization
package import TimeSource

/// Which nodes are connected, and what waits to be written to them. In memory only: after a restart the agents greet again.
package final class NodeSessions: Sendable {
    private struct Session {
        let id: String
        let capacity: Int
        /// Rung when there is something to write.
        var bell: AsyncStream<Void>.Continuation?
        var messages: [ServerMessage] = []
        /// Whether the node's queue may hold what it did not when it was last read.
        var isQueueNews = true
        /// When the stream was last written to, or is about to be.
        var spokenAt: MonotonicInstant
        /// Commands that were offered in this session and may still be in the queue.
        var offered: Set<Int64> = []
        var heardAt: MonotonicInstant
        var heardAtWall: Timestamp
    }

    /// A node between two connections stays Online that long.
    private static let grace = Duration.seconds(15)
    /// An agent lets itself be heard every heartbeat; after three missed ones its open stream proves nothing.
    private static let silence = Duration.seconds(60)
    /// How often something is written to each stream at least.
    package static let heartbeat = Duration.seconds(15)
    /// How many commands beyond its places a node is offered at a time.
    private static let extraOffers = 16

    private let clock: any ClockSource
    private let sessions = Mutex<[String: Session]>([:])

    /// No node is connected.
    package init(clock: any ClockSource) {
        self.clock = clock
    }

    /// Begins a session of a node, ending an earlier one.
    package func begin(_ id: String, of node: String, capacity: Int) {
        let session = Session(
            id: id, capacity: capacity, spokenAt: clock.monotonic, heardAt: clock.monotonic, heardAtWall: clock.now)
        let old = sessions.withLock { $0.updateValue(session, forKey: node) }
        old?.bell?.finish()
    }

    /// Notes that a session was heard of. False when it is not the node's current one.
    package func touch(_ id: String, of node: String) -> Bool {
        sessions.withLock { sessions in
            guard sessions[node]?.id == id else { return false }
            sessions[node]?.heardAt = clock.monotonic
            sessions[node]?.heardAtWall = clock.now
            return true
        }
    }

    /// Ends whatever session a node has.
    package func end(node: String) {
        sessions.withLock { $0.removeValue(forKey: node) }?.bell?.finish()
    }

    /// Opens the stream of work of a session; it yields whenever there may be something to write, at once for the first time, and ends with the
    /// session. nil when the session is not the node's current one. A second stream ends the first.
    package func openStream(_ id: String, of node: String) -> AsyncStream<Void>? {
        let (stream, bell) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let (isCurrent, old) = sessions.withLock { sessions -> (Bool, AsyncStream<Void>.Continuation?) in
            guard sessions[node]?.id == id else { return (false, nil) }
            let old = sessions[node]?.bell
            sessions[node]?.bell = bell
            sessions[node]?.offered = []
            sessions[node]?.isQueueNews = true
            sessions[node]?.spokenAt = clock.monotonic
            sessions[node]?.heardAt = clock.monotonic
            sessions[node]?.heardAtWall = clock.now
            return (true, old)
        }
        old?.finish()
        guard isCurrent else { return nil }
        bell.yield()
        return stream
    }

    /// The stream of a session ended, from either side.
    package func closeStream(_ id: String, of node: String) {
        sessions.withLock { sessions in
            guard sessions[node]?.id == id else { return }
            sessions[node]?.bell = nil
            sessions[node]?.heardAt = clock.monotonic
            sessions[node]?.heardAtWall = clock.now
        }
    }

    /// Has a message written to a node. It is lost when the node is not connected: its next greeting makes up for it.
    package func post(_ message: ServerMessage, to node: String) {
        sessions.withLock { sessions in
            guard let bell = sessions[node]?.bell else { return }
            sessions[node]?.messages.append(message)
            bell.yield()
        }
    }

    /// A node's queue has changed.
    package func wake(_ node: String) {
        sessions.withLock { sessions in
            sessions[node]?.isQueueNews = true
            sessions[node]?.bell?.yield()
        }
    }

    /// Has a ping written to the streams that were silent for a heartbeat. To be called every second or so: one timer for all of them.
    package func beat() {
        let now = clock.monotonic
        sessions.withLock { sessions in
            let silent = sessions.filter { $0.value.bell != nil && now - $0.value.spokenAt >= NodeSessions.heartbeat }
            for node in silent.keys {
                sessions[node]?.spokenAt = now
                sessions[node]?.messages.append(.ping)
                sessions[node]?.bell?.yield()
            }
        }
    }

    /// How many queued commands are worth reading for a session now: what the node may run, and some that wait there; nil when there can be
    /// none that it was not offered.
    func newsLimit(_ id: String, of node: String) -> Int? {
        sessions.withLock { sessions in
            guard let session = sessions[node], session.id == id, session.isQueueNews else { return nil }
            // Before the queue is read: what changes from here on is news again.
            sessions[node]?.isQueueNews = false
            return max(1, min(session.capacity, 1_000)) + NodeSessions.extraOffers
        }
    }

    /// What is to be written to a session now, given what is in the node's queue; nil when that was not read.
    func take(_ id: String, of node: String, queued: [QueuedCommand]?) -> (messages: [ServerMessage], offers: [QueuedCommand]) {
        sessions.withLock { sessions in
            guard sessions[node]?.id == id, var session = sessions[node] else { return ([], []) }
            let messages = session.messages
            session.messages = []
            var offers: [QueuedCommand] = []
            if let queued {
                offers = queued.filter { !session.offered.contains($0.command) }
                session.offered = Set(queued.map(\.command))
            }
            if !messages.isEmpty || !offers.isEmpty { session.spokenAt = clock.monotonic }
            sessions[node] = session
            return (messages, offers)
        }
    }

    /// Whether a node is Online: its stream is open and it was heard of lately, or it was a moment ago.
    package func isOnline(_ node: String) -> Bool {
        let now = clock.monotonic
        return sessions.withLock { sessions in
            guard let session = sessions[node] else { return false }
            return now - session.heardAt < (session.bell == nil ? NodeSessions.grace : NodeSessions.silence)
        }
    }

    /// When a node of this process's time was last heard of.
    package func heardAt(_ node: String) -> Timestamp? {
        sessions.withLock { $0[node]?.heardAtWall }
    }

    /// All nodes with a session, and when they were last heard of.
    func all() -> [(node: String, heardAt: Timestamp)] {
        sessions.withLock { sessions in sessions.map { ($0.key, $0.value.heardAtWall) } }
    }
}
