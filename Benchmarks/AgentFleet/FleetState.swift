import Synchronization
import TimeSource

/// What all agents of a fleet share: how they behave, and what happened to them.
final class FleetState: Sendable {
    /// What happened so far.
    struct Counts {
        /// Orders to start, each attempt once.
        var started = 0
        /// Outcomes that the server has closed, and of these the failed ones.
        var ended = 0
        var failed = 0
        /// Orders for an attempt that had one already.
        var repeated = 0
        /// Streams that are open.
        var connected = 0
        /// Connections that were lost, and the reason of the last.
        var lost = 0
        var lastProblem = ""
    }

    private struct Inside {
        var counts = Counts()
        var runMilliseconds: Int64 = 50
        var failingNodes = 0
        var sentAt: [Int: MonotonicInstant] = [:]
        var latencies: [Duration] = []
    }

    private let inside = Mutex(Inside())

    var counts: Counts { inside.withLock { $0.counts } }

    /// How long a command runs.
    var runTime: Duration { inside.withLock { .milliseconds($0.runMilliseconds) } }

    /// Changes how agents behave from now on.
    func behave(runMilliseconds: Int64, failingNodes: Int) {
        inside.withLock {
            $0.runMilliseconds = runMilliseconds
            $0.failingNodes = failingNodes
        }
    }

    /// Whether the commands of an agent fail.
    func fails(_ agent: Int) -> Bool {
        inside.withLock { $0.failingNodes > 0 && agent % $0.failingNodes == $0.failingNodes - 1 }
    }

    /// Counts something.
    func note(_ change: (inout Counts) -> Void) {
        inside.withLock { change(&$0.counts) }
    }

    /// A command is about to be sent.
    func noteSending(_ number: Int, at now: MonotonicInstant) {
        inside.withLock { $0.sentAt[number] = now }
    }

    /// The order to start a command that `dispatch` sent has reached its node.
    func noteStart(_ number: Int, at now: MonotonicInstant) {
        inside.withLock {
            guard let sent = $0.sentAt.removeValue(forKey: number) else { return }
            $0.latencies.append(now - sent)
        }
    }

    /// Begins a new measurement.
    func beginMeasuring() {
        inside.withLock {
            $0.sentAt = [:]
            $0.latencies = []
        }
    }

    /// How many of a measurement's commands have not reached their nodes.
    var waiting: Int { inside.withLock { $0.sentAt.count } }

    /// The measurement's times from the call to the start, ascending.
    var latencies: [Duration] { inside.withLock { $0.latencies.sorted() } }
}
