import Logging
import Store
import Synchronization

/// The rows of asynchronous executions that are over: deleted many at a time, never one by one.
final class ExpressStartRows: Sendable {
    private struct State {
        var over: [ExecutionID] = []
        /// Numbers that this process has given out, while recovery reads what earlier ones have left.
        var own: Set<ExecutionID>? = []
    }

    /// How many rows are deleted in one transaction.
    private static let batch = 500

    private let database: any Database
    private let logger: Logger
    private let state = Mutex(State())

    init(database: any Database, logger: Logger) {
        self.database = database
        self.logger = logger
    }

    /// Notes a number before its row is written.
    func noteOwn(_ id: ExecutionID) {
        state.withLock { _ = $0.own?.insert(id) }
    }

    /// Whether an earlier process has written this row.
    func isInherited(_ id: ExecutionID) -> Bool {
        state.withLock { $0.own?.contains(id) != true }
    }

    /// Recovery has read all that there was.
    func endRecovery() {
        state.withLock { $0.own = nil }
    }

    /// Notes that an execution is over; its row goes with the next batch.
    func noteEnd(of id: ExecutionID) {
        let full = state.withLock { state -> [ExecutionID] in
            state.over.append(id)
            guard state.over.count >= ExpressStartRows.batch else { return [] }
            defer { state.over = [] }
            return state.over
        }
        if !full.isEmpty { delete(full) {} }
    }

    /// Deletes what is over so far.
    func flush() async {
        let over = state.withLock { state in
            defer { state.over = [] }
            return state.over
        }
        guard !over.isEmpty else { return }
        await withCheckedContinuation { continuation in delete(over) { continuation.resume() } }
    }

    private func delete(_ ids: [ExecutionID], then done: @escaping @Sendable () -> Void) {
        database.apply(ids.map(ExpressStore.forgetStart)) { [self] result in
            if case .failure(let error) = result {
                // Should it never work, they run again: at least once is what was promised.
                logger.warning("starts that are over could not be deleted", metadata: ["error": "\(error)"])
                state.withLock { $0.over += ids }
            }
            done()
        }
    }
}
