import Logging
import StatesInterpreter
import Store
import TimeSource

/// Queues come into memory, and their windows move on.
extension QueueEngine {
    /// A queue in memory, cold when it was not there.
    func live(_ record: QueueRecord, _ state: inout QueueState, at now: Timestamp) -> LiveQueue {
        if let queue = state.live[record.id] {
            queue.usedAt = now
            return queue
        }
        let queue = LiveQueue(
            id: record.id, isFIFO: record.isFIFO, floor: state.purges[record.id] ?? 0, limits: limits.queue, budget: state.budget)
        queue.usedAt = now
        state.live[record.id] = queue
        return queue
    }

    /// Waits until a queue is in memory.
    func warm(_ record: QueueRecord) async throws(QueueError) {
        let error = await withCheckedContinuation { (continuation: CheckedContinuation<QueueError?, Never>) in
            locked { state in
                guard state.directory[record.id] != nil else {
                    return state.wakes.append(.loader(continuation, .queueDoesNotExist(record.name)))
                }
                let queue = live(record, &state, at: clock.now.engine)
                if queue.isLoaded { return state.wakes.append(.loader(continuation, nil)) }
                if state.isClosed { return state.wakes.append(.loader(continuation, .shuttingDown)) }
                queue.loaders.append(continuation)
                startRead(queue, &state)
            }
        }
        if let error { throw error }
    }

    /// Begins to read on, unless rows are being read.
    func startRead(_ queue: LiveQueue, _ state: inout QueueState) {
        guard queue.wantsRead, !state.isClosed else { return }
        if queue.isLoaded { queue.isReading = true } else { queue.beginLoad(after: state.lastSequence) }
        let (id, epoch) = (queue.id, queue.epoch)
        reads.submit { await self.read(id, epoch) }
    }

    private struct Plan: Sendable {
        let isFirst: Bool
        let isFIFO: Bool
        let cursor: Int64
        let floor: Int64
        let last: Int64
        let limit: Int
        let withContent: Bool
    }

    private struct Page: Sendable {
        var rows: [StoredMessage] = []
        var count = 0
        var digests: [(sequence: Int64, digest: MessageDeduplication.Digest)] = []
    }

    private func read(_ id: Int64, _ epoch: Int) async {
        let plan = locked { state -> Plan? in
            guard let queue = state.live[id], queue.epoch == epoch else { return nil }
            let (limit, withContent) = queue.readPlan
            return Plan(
                isFirst: !queue.isLoaded, isFIFO: queue.isFIFO, cursor: queue.cursor, floor: queue.floor, last: queue.loadedFrom,
                limit: limit, withContent: withContent)
        }
        guard let plan else { return }
        do {
            let page = try await page(of: id, plan)
            locked { state in
                guard let queue = state.live[id], queue.epoch == epoch else { return }
                let now = clock.now.engine
                if plan.isFirst {
                    // A purge meanwhile leaves nothing of what was counted.
                    queue.total += queue.floor == plan.floor ? page.count : 0
                    for (sequence, digest) in page.digests where queue.deduplication.find(digest, at: now) == .new {
                        queue.deduplication.insert(digest, sequence: sequence, isPending: false)
                    }
                }
                queue.endRead(page.rows, isLast: page.rows.count < plan.limit, at: now)
                for loader in queue.loaders { state.wakes.append(.loader(loader, nil)) }
                queue.loaders = []
                serve(queue, &state)
            }
        } catch {
            logger.error("a queue could not be read", metadata: ["queue": "\(id)", "error": "\(error)"])
            let failure = QueueError.store(error as? StoreError ?? StoreError(.unavailable, detail: "\(error)"))
            locked { state in
                guard let queue = state.live[id], queue.epoch == epoch else { return }
                queue.failRead()
                for loader in queue.loaders { state.wakes.append(.loader(loader, failure)) }
                queue.loaders = []
                state.waiting -= queue.consumers.count
                for consumer in queue.consumers.removeAll() { state.dismiss(consumer, .failure(failure)) }
            }
        }
    }

    private func page(of id: Int64, _ plan: Plan) async throws -> Page {
        // What was handed over before the load began is committed after this, and is part of the view.
        if plan.isFirst { try await database.apply([]) }
        let forgotten = MessageDeduplication.lastForgotten(at: clock.now.engine)
        return try await database.read { transaction in
            var page = Page()
            page.rows = try QueueMessageStore.page(
                of: id, after: plan.cursor, limit: plan.limit, withContent: plan.withContent, in: transaction)
            guard plan.isFirst else { return page }
            page.count = try QueueMessageStore.count(of: id, after: plan.floor, upTo: plan.last, in: transaction)
            guard plan.isFIFO else { return page }
            var last = forgotten
            while true {
                let digests = try QueueDeduplicationStore.page(of: id, after: last, limit: 5_000, in: transaction)
                page.digests += digests.map { ($0.sequence, MessageDeduplication.Digest($0.digest)) }
                guard digests.count == 5_000, let end = digests.last?.sequence else { return page }
                last = end
            }
        }
    }

    /// Has the engine look at a queue when somebody there is late, or something becomes visible.
    func arm(_ queue: LiveQueue, _ state: inout QueueState) {
        // What a queue waits for in the database makes it look again by itself.
        guard !queue.isUnsettled, let deadline = queue.consumers.firstDeadline() else { return }
        let at = queue.nextDue().map { min($0, deadline) } ?? deadline
        if let alarm = queue.alarmAt, alarm <= at { return }
        queue.alarmAt = at
        state.alarms.insert(QueueState.Alarm(at: at, queue: queue.id))
        if at < state.wakesAt {
            state.wakesAt = at
            state.wakes.append(.clock)
        }
    }

    /// Looks at queues in time until the task is cancelled.
    func followClock() async {
        while !Task.isCancelled {
            let looksAt = clock.monotonic
            let pause = locked { state -> Duration in
                let now = clock.now.engine
                while let alarm = state.alarms.first, alarm.at <= now {
                    state.alarms.popFirst()
                    guard let queue = state.live[alarm.queue], queue.alarmAt == alarm.at else { continue }
                    queue.alarmAt = nil
                    serve(queue, &state)
                }
                guard let next = state.alarms.first?.at else {
                    state.wakesAt = Timestamp(milliseconds: .max)
                    return .seconds(3_600)
                }
                state.wakesAt = next
                return next - now
            }
            await clockBell.wait(until: looksAt + pause, clock)
        }
    }

    /// Throws away what memory knows of a queue after a batch of which nobody knows whether it was applied, and reads it again.
    func invalidate(_ id: Int64, _ state: inout QueueState) {
        guard let queue = state.live[id] else { return }
        queue.invalidate()
        for sender in queue.senders { state.wakes.append(.batch(sender, .again)) }
        queue.senders = []
        if !queue.consumers.isEmpty || !queue.loaders.isEmpty { startRead(queue, &state) }
    }
}
