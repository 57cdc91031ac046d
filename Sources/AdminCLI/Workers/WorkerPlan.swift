package import TimeSource

/// What a pool of workers does next: when it asks for messages, starts commands, keeps messages hidden, lets go of them, and ends.
///
/// No I/O and no clock: events and the time go in, actions come out. Each receive of a message is a *job* with a number of its own, as
/// the same message may come again while an earlier receive of it still runs.
package struct WorkerPlan: Sendable {
    /// The longest that a message can stay hidden in all after one receive (Amazon SQS API Reference, ChangeMessageVisibility).
    static let longestVisibility = Duration.seconds(43_200)
    /// How long an outstanding call for messages may still bring some after the first signal. On a busy queue it answers at once; to break
    /// it off would leave what it brings hidden for the whole visibility timeout.
    static let lastReceive = Duration.seconds(1)
    /// How long a command may go on after SIGTERM.
    static let terminationGrace = Duration.seconds(10)
    /// How long settlements are tried when the pool was asked to end and no command runs any more.
    static let settlementGrace = Duration.seconds(30)
    private static let extensionRetry = Duration.seconds(1)
    private static let longestReceivePause = Duration.seconds(5)

    private struct Job {
        var message: QueueMessage
        var receivedAt: MonotonicInstant
        var hiddenUntil: MonotonicInstant
        /// When its visibility is extended next; nil while that is under way, and when it cannot be.
        var extendAt: MonotonicInstant?
        var toldOverdue = false
        var isLost = false
        var end: CommandEnd?
        var endedAt: MonotonicInstant?
        var settlement: Settlement?
    }

    private enum Receiving {
        case idle
        case outstanding(giveUpAt: MonotonicInstant?)
        case paused(until: MonotonicInstant)
    }

    private let settings: Settings
    private var jobs: [Int: Job] = [:]
    private var nextJob = 1
    private var taken = 0
    private var receiving = Receiving.idle
    private var receiveFailures = 0
    /// Whether nothing was under way when the outstanding call began: what is released meanwhile may come too late for its answer.
    private var beganIdle = false
    /// Whether no more messages are taken: asked to stop, limit reached, queue empty, or refused.
    private var isDraining = false
    private var stopRequests = 0
    private var terminateAt: MonotonicInstant?
    private var killAt: MonotonicInstant?
    private var hurryAt: MonotonicInstant?
    private var isTerminating = false
    private var hasEnded = false
    /// How many commands did not succeed.
    package private(set) var failures = 0

    /// A pool that has not begun.
    package init(_ settings: Settings) {
        self.settings = settings
    }

    /// When `woken` is due; nil when only other events can change anything.
    package var nextWake: MonotonicInstant? {
        var instants = jobs.values.compactMap { $0.end == nil ? $0.extendAt : nil } + [terminateAt, killAt, hurryAt].compactMap { $0 }
        switch receiving {
        case .paused(let until) where !isDraining: instants.append(until)
        case .outstanding(let giveUpAt?): instants.append(giveUpAt)
        default: break
        }
        return instants.min()
    }

    /// Takes an event and answers what is to be done, in this order.
    package mutating func take(_ event: Event, at now: MonotonicInstant) -> [Action] {
        guard !hasEnded else { return [] }
        var actions: [Action] = []
        switch event {
        case .begun, .woken: break
        case .received(let messages): received(messages, now, &actions)
        case .receiveFailed: receiveFailed(now, &actions)
        case .receiveRefused:
            receiving = .idle
            isDraining = true
        case .ended(let job, let end): ended(job, end, now, &actions)
        case .extended(let job, let from): extended(job, from)
        case .extensionFailed(let job, let isLost): extensionFailed(job, isLost, now, &actions)
        case .settled(let job, let result): settled(job, result, &actions)
        case .stopAsked: stopAsked(now, &actions)
        }
        whatIsDue(now, &actions)
        receiveMore(now, &actions)
        if isDraining, jobs.isEmpty, case .idle = receiving {
            hasEnded = true
            actions.append(.end)
        }
        return actions
    }

    private var running: [Int] { jobs.keys.filter { jobs[$0]?.end == nil }.sorted() }

    // MARK: - Messages come

    private mutating func received(_ messages: [QueueMessage], _ now: MonotonicInstant, _ actions: inout [Action]) {
        receiving = .idle
        if receiveFailures > 0 { actions.append(.tell(.serverBack)) }
        receiveFailures = 0
        for message in messages {
            let number = nextJob
            nextJob += 1
            taken += 1
            jobs[number] = Job(
                message: message, receivedAt: now, hiddenUntil: now + settings.visibility, extendAt: now + settings.visibility / 4)
            if isDraining {
                jobs[number]?.extendAt = nil
                ended(number, .notTried, now, &actions)
            } else {
                actions.append(.start(job: number, message))
            }
        }
        if let limit = settings.limit, taken >= limit { isDraining = true }
        guard messages.isEmpty else { return }
        if settings.endsWhenEmpty, jobs.isEmpty, beganIdle {
            isDraining = true
        } else if settings.endsWhenEmpty && !jobs.isEmpty || settings.emptyPause > .zero {
            receiving = .paused(until: now + max(settings.emptyPause, .seconds(1)))
        }
    }

    private mutating func receiveFailed(_ now: MonotonicInstant, _ actions: inout [Action]) {
        guard !isDraining else {
            receiving = .idle
            return
        }
        receiveFailures += 1
        if receiveFailures == 1 { actions.append(.tell(.serverAway)) }
        let pause = Duration.milliseconds(250) * (1 << min(receiveFailures - 1, 10))
        receiving = .paused(until: now + min(pause, WorkerPlan.longestReceivePause))
    }

    private mutating func receiveMore(_ now: MonotonicInstant, _ actions: inout [Action]) {
        if isDraining {
            if case .paused = receiving { receiving = .idle }
            return
        }
        switch receiving {
        case .outstanding: return
        case .paused(let until) where until > now: return
        case .paused, .idle: break
        }
        var idle = settings.concurrency - running.count
        if let limit = settings.limit { idle = min(idle, limit - taken) }
        guard idle > 0 else { return }
        receiving = .outstanding(giveUpAt: nil)
        beganIdle = jobs.isEmpty
        actions.append(.receive(count: settings.takesOneAtATime ? 1 : min(idle, 10)))
    }

    // MARK: - A job's life

    private mutating func ended(_ number: Int, _ end: CommandEnd, _ now: MonotonicInstant, _ actions: inout [Action]) {
        guard var job = jobs[number], job.end == nil else { return }
        let settlement: Settlement
        switch end {
        case .exited(0): settlement = .delete
        case .notTried: settlement = .release(.zero)
        case .notStarted(_, let isHopeless):
            if isHopeless { stopTaking(now) }
            // A machine that is short of memory or processes must not be asked for the same again at once.
            settlement = .release(isHopeless ? .zero : max(settings.retryDelay, .seconds(1)))
        // What the worker itself ended did not fail.
        case .exited, .signalled: settlement = .release(isTerminating ? .zero : settings.retryDelay)
        }
        if !end.isSuccess, end != .notTried { failures += 1 }
        job.end = end
        job.endedAt = now
        job.settlement = settlement
        jobs[number] = job
        actions.append(.settle(job: number, receiptHandle: job.message.receiptHandle, settlement))
        if stopRequests > 0, running.isEmpty { hurryAt = now + WorkerPlan.settlementGrace }
    }

    private mutating func settled(_ number: Int, _ result: SettlementResult, _ actions: inout [Action]) {
        guard let job = jobs.removeValue(forKey: number), let end = job.end, let settlement = job.settlement else { return }
        actions.append(
            .tell(
                .outcome(
                    WorkerOutcome(
                        message: job.message, end: end, duration: (job.endedAt ?? job.receivedAt) - job.receivedAt,
                        settlement: settlement, result: result, wasLost: job.isLost))))
        // What was just released may be taken at once.
        if settings.endsWhenEmpty, case .paused = receiving, receiveFailures == 0 { receiving = .idle }
    }

    private mutating func extended(_ number: Int, _ from: MonotonicInstant) {
        jobs[number]?.hiddenUntil = from + settings.visibility
        jobs[number]?.extendAt = from + settings.visibility / 4
        jobs[number]?.toldOverdue = false
    }

    private mutating func extensionFailed(_ number: Int, _ isLost: Bool, _ now: MonotonicInstant, _ actions: inout [Action]) {
        guard var job = jobs[number], job.end == nil else { return }
        if isLost {
            job.isLost = true
            actions.append(.tell(.visibilityLost(job.message)))
        } else {
            job.extendAt = now + min(settings.visibility / 4, WorkerPlan.extensionRetry)
            if now >= job.hiddenUntil, !job.toldOverdue {
                job.toldOverdue = true
                actions.append(.tell(.visibilityOverdue(job.message)))
            }
        }
        jobs[number] = job
    }

    private mutating func extend(_ number: Int, _ now: MonotonicInstant, _ actions: inout [Action]) {
        guard var job = jobs[number] else { return }
        job.extendAt = nil
        // The queue counts from its own receive, a little before ours.
        let rest = job.receivedAt + WorkerPlan.longestVisibility - now - .seconds(2)
        let seconds = min(settings.visibility, rest).components.seconds
        if now + .seconds(seconds) > job.hiddenUntil {
            actions.append(.extend(job: number, receiptHandle: job.message.receiptHandle, seconds: Int(seconds)))
        } else {
            actions.append(.tell(.visibilityAtLimit(job.message)))
        }
        jobs[number] = job
    }

    // MARK: - The end

    private mutating func stopAsked(_ now: MonotonicInstant, _ actions: inout [Action]) {
        stopRequests += 1
        switch stopRequests {
        case 1:
            stopTaking(now)
            terminateAt = settings.grace.map { now + $0 }
            if running.isEmpty { hurryAt = now + WorkerPlan.settlementGrace }
            actions.append(.tell(.stopping(running: running.count)))
        case 2: terminateAt = now
        default: killAt = now
        }
    }

    private mutating func stopTaking(_ now: MonotonicInstant) {
        isDraining = true
        if case .outstanding = receiving { receiving = .outstanding(giveUpAt: now + WorkerPlan.lastReceive) }
    }

    private mutating func whatIsDue(_ now: MonotonicInstant, _ actions: inout [Action]) {
        for number in running {
            if let extendAt = jobs[number]?.extendAt, extendAt <= now { extend(number, now, &actions) }
        }
        if case .outstanding(let giveUpAt?) = receiving, giveUpAt <= now {
            receiving = .outstanding(giveUpAt: nil)
            actions.append(.abandonReceive)
        }
        if let due = terminateAt, due <= now {
            terminateAt = nil
            if !isTerminating { terminate(now, &actions) }
        }
        if let due = killAt, due <= now {
            killAt = nil
            actions += running.map { .signal(job: $0, isForced: true) }
        }
        if let due = hurryAt, due <= now {
            hurryAt = nil
            actions.append(.hurry)
        }
    }

    private mutating func terminate(_ now: MonotonicInstant, _ actions: inout [Action]) {
        isTerminating = true
        killAt = now + WorkerPlan.terminationGrace
        if !running.isEmpty { actions.append(.tell(.terminating(running: running.count))) }
        actions += running.map { .signal(job: $0, isForced: false) }
        actions.append(.hurry)
    }
}
