import StatesInterpreter
package import Store
import TimeSource

extension QueueEngine {
    /// What a new queue met.
    package enum Creation: Sendable, Hashable {
        /// It is new.
        case created(QueueRecord)
        /// There is one of this name, with equal attributes or others: for the caller to compare.
        case exists(QueueRecord)
    }

    // MARK: From memory

    /// Whether there is such a queue; from memory.
    package func exists(_ name: QueueName) -> Bool { record(of: name) != nil }

    /// A queue's facts, nil when there is none; from memory.
    package func record(of name: QueueName) -> QueueRecord? { locked { $0.directory[name] } }

    /// An account's queues whose names begin with `prefix`, by name; those after `last`, at most `limit`. From memory.
    package func list(account: String, prefix: String = "", after last: String? = nil, limit: Int) -> [QueueName] {
        locked { state in
            state.directory.names(after: last, limit: limit) { $0.name.account == account && $0.name.name.utf8.starts(with: prefix.utf8) }
        }
    }

    /// The queues whose dead-letter queue is `name`, by name; those after `last`, at most `limit`. From memory.
    package func deadLetterSources(of name: QueueName, after last: String? = nil, limit: Int) -> [QueueName] {
        locked { state in
            state.directory.names(after: last, limit: limit) { $0.attributes.redrivePolicy?.deadLetterQueue == name }
        }
    }

    // MARK: Changes

    /// Creates a queue unless there is one of its name.
    /// - Parameter statements: applied in the same transaction when the queue is new: its tags.
    package func create(
        _ name: QueueName, attributes: QueueAttributes, with statements: [Statement] = []
    ) async throws(QueueError) -> Creation {
        if let record = record(of: name) { return .exists(record) }
        let now = clock.now
        let id = locked { $0.nextSequence(at: now.engine) }
        let record = QueueRecord(id: id, name: name, attributes: attributes, createdAt: now.wall, modifiedAt: now.wall)
        do throws(QueueError) {
            try await apply([QueueStore.create(record)] + statements) { $0.directory.insert(record) }
        } catch {
            // Somebody was faster.
            guard case .store(let failure) = error, failure.code == .conflict, let other = self.record(of: name) else { throw error }
            return .exists(other)
        }
        return .created(record)
    }

    /// Deletes a queue with its messages and tags; those who wait for messages are answered empty.
    package func delete(_ name: QueueName) async throws(QueueError) {
        guard let record = record(of: name) else { throw .queueDoesNotExist(name) }
        try await apply(
            [
                QueueStore.delete(record.id), QueuePurgeStore.begin(record.id, upTo: QueuePurgeStore.everything),
                MessageMoveTaskStore.deleteAll(of: record.id),
                TagStore.removeAll(of: name.arn(region: region), account: name.account),
            ]
        ) { state in
            state.directory.remove(record.id)
            state.moves = state.moves.filter { $0.value.task.source != name }
            state.purgedAt[record.id] = nil
            state.purges[record.id] = QueuePurgeStore.everything
            state.wakes.append(.keeper)
            guard let queue = state.live.removeValue(forKey: record.id) else { return }
            state.waiting -= queue.consumers.count
            for consumer in queue.consumers.removeAll() { state.dismiss(consumer, .none) }
            for loader in queue.loaders { state.wakes.append(.loader(loader, .queueDoesNotExist(name))) }
            for sender in queue.senders { state.wakes.append(.batch(sender, .again)) }
            queue.invalidate()
        }
    }

    /// Changes the attributes of a queue. What `change` makes of them is for the caller to have checked.
    package func setAttributes(
        of name: QueueName, _ change: @Sendable (inout QueueAttributes) -> Void
    ) async throws(QueueError) {
        let error = await withCheckedContinuation { (continuation: CheckedContinuation<QueueError?, Never>) in
            locked { state in
                guard let before = state.directory[name] else {
                    return state.wakes.append(.loader(continuation, .queueDoesNotExist(name)))
                }
                var after = before
                change(&after.attributes)
                after.modifiedAt = clock.now.wall
                // At once, so that another change builds on this one.
                state.directory.insert(after)
                let changed = after
                handOver([QueueStore.update(changed)], &state) { engine, state, error, _ in
                    if error != nil, state.directory[changed.id] == changed { state.directory.insert(before) }
                    if error == nil, let queue = state.live[changed.id] { engine.serve(queue, &state) }
                    let isGone = error?.code == .conflict
                    state.wakes.append(.loader(continuation, isGone ? .queueDoesNotExist(name) : error.map(QueueError.store)))
                }
            }
        }
        if let error { throw error }
    }

    /// Deletes all messages that were sent before, durably. Their rows go later, in small steps.
    package func purge(_ name: QueueName) async throws(QueueError) {
        let error = await withCheckedContinuation { (continuation: CheckedContinuation<QueueError?, Never>) in
            locked { state in
                let now = clock.now.engine
                guard let id = state.directory[name]?.id else {
                    return state.wakes.append(.loader(continuation, .queueDoesNotExist(name)))
                }
                if let purged = state.purgedAt[id], purged > now - QueueEngine.purgeInterval {
                    return state.wakes.append(.loader(continuation, .purgeInProgress(name)))
                }
                state.purgedAt[id] = now
                // What gets a place from now on is also handed over later, and stays.
                let last = state.nextSequence(at: now)
                handOver([QueuePurgeStore.begin(id, upTo: last)], &state) { _, state, error, _ in
                    if error == nil, state.directory[id] != nil {
                        state.purges[id] = max(last, state.purges[id] ?? 0)
                        state.live[id]?.purge(upTo: last)
                        state.wakes.append(.keeper)
                    } else {
                        state.purgedAt[id] = nil
                    }
                    state.wakes.append(.loader(continuation, error.map(QueueError.store)))
                }
            }
        }
        if let error { throw error }
    }

    /// How many messages a queue has.
    package func counts(of name: QueueName) async throws(QueueError) -> QueueCounts {
        guard let record = record(of: name) else { throw .queueDoesNotExist(name) }
        try await warm(record)
        let now = clock.now.engine
        let known = locked { state -> (counts: QueueCounts, total: Int, floor: Int64?)? in
            guard let queue = state.live[record.id] else { return nil }
            queue.promote(at: now)
            let counts = QueueCounts(visible: queue.visible, notVisible: queue.inFlight, delayed: queue.allDelayed)
            return (counts, queue.total, queue.knowsAll ? nil : queue.floor)
        }
        guard let known else { throw .queueDoesNotExist(name) }
        guard let floor = known.floor else { return known.counts }
        // Memory does not know all that is hidden: the table does.
        let hidden = try await storeRead { try QueueMessageStore.hiddenCounts(of: record.id, after: floor, at: now, in: $0) }
        return QueueCounts(
            visible: max(0, known.total - hidden.inFlight - hidden.delayed), notVisible: hidden.inFlight, delayed: hidden.delayed)
    }

    /// Applies a batch; `change` changes memory with the lock held, when it is durable and before anything later is.
    func apply(
        _ statements: [Statement], _ change: @escaping @Sendable (inout QueueState) -> Void
    ) async throws(QueueError) {
        let error = await withCheckedContinuation { (continuation: CheckedContinuation<QueueError?, Never>) in
            locked { state in
                handOver(statements, &state) { _, state, error, _ in
                    if error == nil { change(&state) }
                    state.wakes.append(.loader(continuation, error.map(QueueError.store)))
                }
            }
        }
        if let error { throw error }
    }
}
