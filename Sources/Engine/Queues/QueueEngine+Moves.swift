import Logging
import StatesInterpreter
package import Store
import TimeSource

/// A move task in memory.
struct LiveMove: Sendable {
    /// The task as it is stored, or is about to be.
    var task: MessageMoveTask
    /// Goes on then, in engine time.
    var nextAt = Timestamp.epoch
    /// True when nobody knows how far it is: the table says.
    var isStale = false
}

extension QueueEngine {
    /// Messages that one step moves.
    private static let moveStep = 100
    private static let movePause = Duration.milliseconds(50)
    private static let moveRetry = Duration.seconds(1)

    // MARK: Requests

    /// Begins to move the messages of a dead-letter queue: to `destination`, or back to where each came from.
    ///
    /// It moves what is there now and goes on after a restart. Moved messages are new ones: their id, their time of sending and their
    /// retention (Amazon SQS Developer Guide, "Configure a dead-letter queue redrive").
    package func startMove(
        from source: QueueName, to destination: QueueName?, maxMessagesPerSecond: Int?
    ) async throws(QueueError) -> MessageMoveTask {
        guard let record = record(of: source) else { throw .queueDoesNotExist(source) }
        if let destination, !exists(destination) { throw .queueDoesNotExist(destination) }
        guard !deadLetterSources(of: source, limit: 1).isEmpty else { throw .notADeadLetterQueue(source) }
        let visible = try await counts(of: source).visible
        let id = identifiers.uuid()
        let outcome = await withCheckedContinuation { (continuation: CheckedContinuation<MoveOutcome, Never>) in
            locked { state in
                guard state.directory[record.id] != nil else { return continuation.resume(returning: .failure(.queueDoesNotExist(source))) }
                guard !state.moves.values.contains(where: { $0.task.source == source }) else {
                    return continuation.resume(returning: .failure(.moveTaskRunning(source)))
                }
                let now = clock.now
                let task = MessageMoveTask(
                    id: id, source: source, destination: destination, maxMessagesPerSecond: maxMessagesPerSecond, status: .running,
                    movedCount: 0, totalCount: Int64(visible), startedAt: now.wall, failureReason: nil,
                    lastSequence: state.nextSequence(at: now.engine))
                // At once, so that there is one at most; it moves when it is durable.
                state.moves[id] = LiveMove(task: task, nextAt: Timestamp(milliseconds: .max))
                let prune = MessageMoveTaskStore.prune(record.id, before: now.wall - .seconds(30 * 86_400))
                handOver([prune, MessageMoveTaskStore.insert(task, queue: record.id)], &state) { _, state, error, _ in
                    if let error {
                        state.moves[id] = nil
                        continuation.resume(returning: .failure(.store(error)))
                    } else {
                        state.moves[id]?.nextAt = .epoch
                        state.wakes.append(.mover)
                        continuation.resume(returning: .started(task))
                    }
                }
            }
        }
        switch outcome {
        case .started(let task): return task
        case .failure(let error): throw error
        }
    }

    private enum MoveOutcome: Sendable {
        case started(MessageMoveTask)
        case failure(QueueError)
    }

    /// Ends a move task; what was moved stays where it is.
    /// - Returns: how many messages were moved until now, about.
    package func cancelMove(_ id: String) async throws(QueueError) -> Int64 {
        guard let task = try await storeRead({ try MessageMoveTaskStore.find(id, in: $0) }) else { throw .moveTaskDoesNotExist }
        guard task.status == .running else { throw .moveTaskNotRunning }
        let moved = await withCheckedContinuation { (continuation: CheckedContinuation<Result<Int64, QueueError>, Never>) in
            locked { state in
                guard var move = state.moves[id], move.task.status == .running else {
                    return continuation.resume(returning: .failure(.moveTaskNotRunning))
                }
                // Whatever stores its progress from now on stores this too.
                move.task.status = .cancelling
                move.nextAt = .epoch
                state.moves[id] = move
                let moved = move.task.movedCount
                handOver([MessageMoveTaskStore.update(move.task)], &state) { _, state, error, _ in
                    if error != nil, state.moves[id]?.task.status == .cancelling { state.moves[id]?.task.status = .running }
                    state.wakes.append(.mover)
                    continuation.resume(returning: error.map { .failure(.store($0)) } ?? .success(moved))
                }
            }
        }
        return try moved.get()
    }

    /// The move tasks of a source, the latest first, at most `limit`.
    package func moveTasks(of source: QueueName, limit: Int) async throws(QueueError) -> [MessageMoveTask] {
        guard let record = record(of: source) else { throw .queueDoesNotExist(source) }
        return try await storeRead { try MessageMoveTaskStore.list(of: record.id, limit: limit, in: $0) }
    }

    // MARK: Moving

    /// Moves messages until the task is cancelled. Restored data is left as it is until it is released.
    func moveMessages() async {
        guard await hold.waitUnlessStopped() else { return }
        while !Task.isCancelled {
            let now = clock.now.engine
            let due = locked { state in state.moves.filter { $0.value.nextAt <= now }.map(\.key).sorted() }
            for id in due where !Task.isCancelled { await step(id) }
            let next = locked { state in state.moves.values.map(\.nextAt).min() }
            let pause = next.map { min(.seconds(3_600), max(.zero, $0 - clock.now.engine)) } ?? .seconds(3_600)
            if pause > .zero { await moverBell.wait(upTo: pause, clock) } else { await Task.yield() }
        }
    }

    /// Moves some messages of one task.
    private func step(_ id: String) async {
        do {
            guard let task = try await current(id) else { return }
            guard task.status == .running else { return try await end(id, as: .cancelled, because: nil) }
            guard let record = record(of: task.source) else { return forget(id) }
            try await warm(record)
            let (taken, isOver) = take(for: task, from: record)
            guard !taken.isEmpty else {
                if isOver { return try await end(id, as: .completed, because: nil) }
                return postpone(id, by: QueueEngine.movePause)
            }
            do throws(QueueError) {
                let targets = try await targets(of: taken, task, record)
                if let reason = targets.failure {
                    putBack(taken, to: record)
                    return try await end(id, as: .failed, because: reason)
                }
                try await move(taken, to: targets.records, id, record)
            } catch {
                putBack(taken, to: record)
                throw error
            }
        } catch {
            guard !Task.isCancelled else { return }
            logger.warning("messages could not be moved; trying again", metadata: ["task": "\(id)", "error": "\(error)"])
            postpone(id, by: QueueEngine.moveRetry)
        }
    }

    /// A task as it stands; read again when nobody knows.
    private func current(_ id: String) async throws(QueueError) -> MessageMoveTask? {
        guard let move = locked({ $0.moves[id] }) else { return nil }
        guard move.isStale else { return move.task }
        let stored = try await storeRead { try MessageMoveTaskStore.find(id, in: $0) }
        locked { state in
            if let stored, !stored.status.isOver { state.moves[id]?.task = stored } else { state.moves[id] = nil }
            state.moves[id]?.isStale = false
        }
        return stored.flatMap { $0.status.isOver ? nil : $0 }
    }

    private func take(for task: MessageMoveTask, from record: QueueRecord) -> (taken: [MovingMessage], isOver: Bool) {
        locked { state in
            guard let queue = state.live[record.id], queue.isLoaded else { return ([], false) }
            queue.promote(at: clock.now.engine)
            var taken: [MovingMessage] = []
            var later: [Int64] = []
            let limit = min(QueueEngine.moveStep, task.maxMessagesPerSecond ?? QueueEngine.moveStep)
            while taken.count < limit, later.count < QueueEngine.moveStep, let (sequence, message) = queue.popReady() {
                queue.leave(sequence)
                if sequence > task.lastSequence {
                    later.append(sequence)
                } else {
                    taken.append(MovingMessage(sequence: sequence, group: message.group, content: message.content))
                }
            }
            queue.endServing()
            for sequence in later { queue.putBack(sequence, hidden: false) }
            startRead(queue, &state)
            return (taken, taken.isEmpty && (!later.isEmpty || (!queue.isUnsettled && queue.ready == 0)))
        }
    }

    /// Where each message goes; or why the task fails, in the words of AWS.
    private func targets(
        of taken: [MovingMessage], _ task: MessageMoveTask, _ record: QueueRecord
    ) async throws(QueueError) -> (records: [QueueRecord], failure: String?) {
        var contents: [Int64: MessageContent] = [:]
        if task.destination == nil {
            let unread = taken.filter { $0.content == nil }.map(\.sequence)
            for row in try await storeRead({ try QueueMessageStore.find(unread, of: record.id, in: $0) }) {
                contents[row.sequence] = row.content
            }
        }
        var records: [QueueRecord] = []
        for message in taken {
            guard let name = task.destination ?? (message.content ?? contents[message.sequence])?.deadLetterSource else {
                return ([], "CouldNotDetermineMessageSource")
            }
            guard let target = self.record(of: name) else { return ([], "AWS.SimpleQueueService.NonExistentQueue") }
            records.append(target)
        }
        return (records, nil)
    }

    private func move(
        _ taken: [MovingMessage], to targets: [QueueRecord], _ id: String, _ record: QueueRecord
    ) async throws(QueueError) {
        let error = await withCheckedContinuation { (continuation: CheckedContinuation<QueueError?, Never>) in
            locked { state in
                guard var move = state.moves[id], let source = state.live[record.id] else {
                    return state.wakes.append(.loader(continuation, .moveTaskDoesNotExist))
                }
                let now = clock.now
                var statements: [Statement] = []
                var places: [Int64] = []
                // What was purged meanwhile stays away.
                let left = zip(taken, targets).filter { source.messages[$0.0.sequence] != nil }
                for (message, target) in left {
                    let place = state.nextSequence(at: now.engine)
                    places.append(place)
                    statements.append(
                        QueueMessageStore.move(
                            message.sequence, of: record.id, to: target.id, as: place, from: nil, messageID: identifiers.uuid(),
                            sentAt: now.wall, retainedFrom: nil))
                }
                QueueMessageStore.chunks(left.map(\.0.sequence)) { statements += QueueMessageStore.delete($0, from: record.id) }
                move.task.movedCount += Int64(left.count)
                statements.append(MessageMoveTaskStore.update(move.task))
                let (pairs, epoch, moved) = (Array(zip(left, places)), source.epoch, left.count)
                source.pendingBatches += 1
                handOver(statements, &state) { engine, state, error, _ in
                    state.wakes.append(.loader(continuation, error.map(QueueError.store)))
                    let now = engine.clock.now.engine
                    if let source = state.live[record.id] {
                        source.pendingBatches -= 1
                        if error == nil, source.epoch == epoch { for pair in pairs { source.remove(pair.0.0.sequence) } }
                    }
                    if error?.outcome == .unknown {
                        engine.invalidate(record.id, &state)
                        for pair in pairs { engine.invalidate(pair.0.1.id, &state) }
                        state.moves[id]?.isStale = true
                    }
                    guard error == nil else { return }
                    state.moves[id]?.task.movedCount += Int64(moved)
                    if let rate = state.moves[id]?.task.maxMessagesPerSecond, rate > 0 {
                        state.moves[id]?.nextAt = now + .milliseconds(Int64(moved) * 1_000 / Int64(rate))
                    }
                    for ((message, target), place) in pairs { engine.show(message, as: place, in: target, &state, at: now) }
                }
            }
        }
        if let error { throw error }
    }

    private func show(
        _ message: MovingMessage, as place: Int64, in target: QueueRecord, _ state: inout QueueState, at now: Timestamp
    ) {
        guard let queue = state.live[target.id] else { return }
        queue.arrive(
            place,
            LiveMessage(
                place: .ready, visibleAt: .epoch, receives: 0, nonce: 0, firstReceivedAt: .epoch, retainedFrom: now,
                group: target.isFIFO ? message.group ?? "" : nil, content: nil), at: now)
        serve(queue, &state)
    }

    private func putBack(_ taken: [MovingMessage], to record: QueueRecord) {
        locked { state in
            guard let queue = state.live[record.id] else { return }
            for message in taken where queue.messages[message.sequence]?.place == .leaving {
                queue.putBack(message.sequence, hidden: false)
            }
            serve(queue, &state)
        }
    }

    private func end(
        _ id: String, as status: MessageMoveTask.Status, because reason: String?
    ) async throws(QueueError) {
        guard var task = locked({ $0.moves[id]?.task }) else { return }
        task.status = status
        task.failureReason = reason
        try await apply([MessageMoveTaskStore.update(task)]) { $0.moves[id] = nil }
    }

    private func postpone(_ id: String, by pause: Duration) {
        locked { $0.moves[id]?.nextAt = clock.now.engine + pause }
    }

    private func forget(_ id: String) {
        locked { $0.moves[id] = nil }
    }
}

/// A message on its way from a dead-letter queue.
struct MovingMessage: Sendable {
    /// Its place in the queue that it leaves.
    let sequence: Int64
    /// Of a FIFO queue.
    let group: String?
    /// What the sender made, when it is in memory: it says where the message came from.
    let content: MessageContent?
}
