import TimeSource

/// A number for each process of a pool, never used twice.
struct ProcessNumber: Hashable, Sendable, Comparable {
    /// Counts from one.
    var value: UInt64

    /// Whether the left process was started before the right one.
    static func < (left: ProcessNumber, right: ProcessNumber) -> Bool { left.value < right.value }
}

/// A number for each invocation that asks for a process.
struct Ticket: Hashable, Sendable {
    /// Counts from one.
    var value: UInt64
}

/// Which process runs which invocation: decisions alone, no I/O.
///
/// Rules, in this order: an idle process of the same revision, the one used last; a new one while there is room; the room of the idle process
/// that was used longest ago; else the queue, first come, first served. A function at its reserved concurrency is refused at once, as on AWS; only the
/// server's own limit lets callers wait. A process that ends counts until it has ended, so the limit is one of real processes.
struct PoolPlacement: Sendable {
    /// Bounds of the pool.
    struct Limits: Sendable {
        /// Most processes.
        var processes: Int
        /// Most tickets in the queue.
        var waiting: Int
    }

    /// What an invocation asks for.
    struct Claim: Sendable {
        /// The function and its version.
        var key: FunctionKey
        /// The revision that the process must have.
        var revision: String
        /// Most processes of the function that may work at one time; nil for no limit.
        var reserved: Int?
    }

    /// What the owner has to do, in order.
    enum Action: Equatable, Sendable {
        /// Give the invocation to a process that is there.
        case use(Ticket, ProcessNumber)
        /// Start a process and give the invocation to it.
        case start(Ticket, ProcessNumber)
        /// End a process.
        case retire(ProcessNumber)
        /// Refuse the invocation.
        case refuse(Ticket, ThrottleReason)
    }

    fileprivate enum Occupancy: Equatable {
        case idle(since: MonotonicInstant)
        case busy
        case ending
    }

    fileprivate struct Entry {
        var key: FunctionKey
        var revision: String
        var occupancy: Occupancy
    }

    private let limits: Limits
    private var entries: [ProcessNumber: Entry] = [:]
    private var queue: [(ticket: Ticket, claim: Claim)] = []
    /// The revision that was asked for last; processes of any other are not kept.
    private var current: [FunctionKey: String] = [:]
    private var lastNumber: UInt64 = 0

    /// An empty pool.
    init(limits: Limits) {
        self.limits = limits
    }

    /// Processes that are there, ending ones included.
    var processCount: Int { entries.count }
    /// Processes without an event.
    var idleCount: Int { entries.values.count { $0.isIdle } }
    /// Invocations in the queue.
    var waitingCount: Int { queue.count }

    /// An invocation wants a process.
    mutating func request(_ ticket: Ticket, _ claim: Claim) -> [Action] {
        var actions: [Action] = []
        if current.updateValue(claim.revision, forKey: claim.key) != claim.revision {
            actions += retireIdle { $0.key == claim.key && $0.revision != claim.revision }
        }
        if let reserved = claim.reserved, active(claim.key) >= reserved {
            return actions + [.refuse(ticket, .reservedConcurrency)]
        }
        queue.append((ticket, claim))
        actions += schedule()
        if queue.count > limits.waiting, queue.last?.ticket == ticket {
            queue.removeLast()
            actions.append(.refuse(ticket, .serverConcurrency))
        }
        return actions
    }

    /// An invocation has waited too long; empty when it waits no more.
    mutating func giveUp(_ ticket: Ticket) -> [Action] {
        guard let index = queue.firstIndex(where: { $0.ticket == ticket }) else { return [] }
        queue.remove(at: index)
        return [.refuse(ticket, .serverConcurrency)]
    }

    /// An invocation is through with its process, which can take another.
    mutating func released(_ process: ProcessNumber, at now: MonotonicInstant) -> [Action] {
        guard let entry = entries[process], entry.occupancy == .busy else { return [] }
        guard current[entry.key] == entry.revision else {
            entries[process]?.occupancy = .ending
            return [.retire(process)] + schedule()
        }
        entries[process]?.occupancy = .idle(since: now)
        return schedule()
    }

    /// A process is being killed, for whatever reason.
    mutating func ending(_ process: ProcessNumber) {
        entries[process]?.occupancy = .ending
    }

    /// A process has ended.
    mutating func ended(_ process: ProcessNumber) -> [Action] {
        guard let entry = entries.removeValue(forKey: process) else { return [] }
        if !entries.values.contains(where: { $0.key == entry.key }), !queue.contains(where: { $0.claim.key == entry.key }) {
            current[entry.key] = nil
        }
        return schedule()
    }

    /// Retires what has been idle since before that instant.
    mutating func expire(idleSince limit: MonotonicInstant) -> [Action] {
        retireIdle { entry in
            if case .idle(let since) = entry.occupancy { since <= limit } else { false }
        }
    }

    /// Retires the idle processes of a function, all its versions, and the busy ones when they are through.
    mutating func retireAll(arn: String) -> [Action] {
        for key in current.keys where key.arn == arn { current[key] = nil }
        return retireIdle { $0.key.arn == arn }
    }

    /// Empties the queue and retires what is idle; busy processes go on.
    mutating func close() -> [Action] {
        let refused = queue.map { Action.refuse($0.ticket, .serverConcurrency) }
        queue = []
        current = [:]
        return refused + retireIdle { _ in true }
    }

    // MARK: - Private

    /// Invocations of the function that run or wait.
    private func active(_ key: FunctionKey) -> Int {
        entries.values.count { $0.key.arn == key.arn && $0.occupancy == .busy } + queue.count { $0.claim.key.arn == key.arn }
    }

    private mutating func schedule() -> [Action] {
        var actions: [Action] = []
        var waiting: [(ticket: Ticket, claim: Claim)] = []
        var roomToCome = entries.values.count { $0.occupancy == .ending }
        for (ticket, claim) in queue {
            if let process = mostRecentlyUsed(where: { $0.key == claim.key && $0.revision == claim.revision }) {
                entries[process]?.occupancy = .busy
                actions.append(.use(ticket, process))
            } else if entries.count < limits.processes {
                lastNumber += 1
                let process = ProcessNumber(value: lastNumber)
                entries[process] = Entry(key: claim.key, revision: claim.revision, occupancy: .busy)
                actions.append(.start(ticket, process))
            } else {
                waiting.append((ticket, claim))
                // Each that waits needs the room of one that ends; enough of them may be on their way.
                if roomToCome > 0 {
                    roomToCome -= 1
                } else if let process = leastRecentlyUsed() {
                    entries[process]?.occupancy = .ending
                    actions.append(.retire(process))
                }
            }
        }
        queue = waiting
        return actions
    }

    private mutating func retireIdle(where matches: (Entry) -> Bool) -> [Action] {
        let retired = entries.filter { $0.value.isIdle && matches($0.value) }.keys.sorted()
        for process in retired { entries[process]?.occupancy = .ending }
        return retired.map(Action.retire)
    }

    private func idle(where matches: (Entry) -> Bool) -> [(process: ProcessNumber, since: MonotonicInstant)] {
        entries.compactMap { process, entry in
            guard case .idle(let since) = entry.occupancy, matches(entry) else { return nil }
            return (process, since)
        }
    }

    private func mostRecentlyUsed(where matches: (Entry) -> Bool) -> ProcessNumber? {
        idle(where: matches).max { ($0.since, $0.process) < ($1.since, $1.process) }?.process
    }

    private func leastRecentlyUsed() -> ProcessNumber? {
        idle { _ in true }.min { ($0.since, $0.process) < ($1.since, $1.process) }?.process
    }
}

extension PoolPlacement.Entry {
    fileprivate var isIdle: Bool {
        if case .idle = occupancy { true } else { false }
    }
}
