package import Store
import Synchronization

/// A database that fails where a test says: before a batch is applied or after it was, or for good, as a crash does.
///
/// Everything else goes to the database beneath.
package final class FaultyDatabase: Database {
    /// How a batch fails.
    package enum Fault: Sendable {
        /// It is not applied; the caller hears this error.
        case before(StoreError)
        /// It is applied; the caller hears that nobody knows.
        case after
        /// The process dies before the batch is applied: neither it nor anything after it happens.
        case crashBefore
        /// The process dies after the batch was applied: nothing after it happens, and nobody hears of it.
        case crashAfter
    }

    private struct Rule: Sendable {
        let matches: @Sendable ([Statement]) -> Bool
        let fault: Fault
        let isOnce: Bool
        /// So many matching batches go by before.
        var skips = 0
    }

    private struct State {
        var rules: [Rule] = []
        var isCut = false
        var isHeld = false
        var held: [Held] = []
        var applied = 0
    }

    private struct Held: Sendable {
        let batch: [Statement]
        let completion: @Sendable (Result<[StatementResult], StoreError>) -> Void
    }

    private let base: any Database
    private let state = Mutex(State())

    /// A database that does as `base` until it is told to fail.
    package init(_ base: any Database) {
        self.base = base
    }

    /// Lets the next batch fail in which a statement contains `sql`.
    package func failOnce(_ fault: Fault, on sql: String) {
        state.withLock { $0.rules.append(Rule(matches: FaultyDatabase.mentions(sql), fault: fault, isOnce: true)) }
    }

    /// Lets one batch fail, the one of this number from now on, from 1.
    package func failOnce(_ fault: Fault, atBatch number: Int) {
        state.withLock { $0.rules.append(Rule(matches: { _ in true }, fault: fault, isOnce: true, skips: number - 1)) }
    }

    /// Lets every batch fail in which a statement contains `sql`, until `heal()`.
    package func fail(_ fault: Fault, on sql: String = "") {
        state.withLock { $0.rules.append(Rule(matches: FaultyDatabase.mentions(sql), fault: fault, isOnce: false)) }
    }

    /// Nothing fails any more, unless it was cut off.
    package func heal() {
        state.withLock { $0.rules = [] }
    }

    /// Cuts this database off, as a crash does: whatever is handed over from here on does not happen.
    package func cut() {
        let held = state.withLock { state in
            state.isCut = true
            defer { state.held = [] }
            return state.held
        }
        for waiting in held { waiting.completion(.failure(StoreError(.closed))) }
    }

    /// Keeps the batches that are handed over until `release()`: a slow disk.
    package func hold() {
        state.withLock { $0.isHeld = true }
    }

    /// Applies what was kept, in its order, and keeps no more.
    package func release() {
        state.withLock { state in
            state.isHeld = false
            pass(&state.held)
        }
    }

    /// Applies what was kept, in its order, and goes on keeping what comes.
    package func letThrough() {
        state.withLock { pass(&$0.held) }
    }

    /// With the lock held, so that nothing overtakes what waited: the database beneath takes a batch without waiting.
    private func pass(_ held: inout [Held]) {
        for waiting in held { forward(waiting.batch, waiting.completion) }
        held = []
    }

    /// How many batches wait for `release()`.
    package var heldCount: Int { state.withLock { $0.held.count } }

    /// True once it was cut off.
    package var isCut: Bool { state.withLock { $0.isCut } }

    /// How many orders to fail have not been carried out.
    package var faultsLeft: Int { state.withLock { $0.rules.count } }

    /// How many batches were applied.
    package var appliedCount: Int { state.withLock { $0.applied } }

    private static func mentions(_ sql: String) -> @Sendable ([Statement]) -> Bool {
        { batch in sql.isEmpty || batch.contains { contains($0.sql, sql) } }
    }

    private static func contains(_ text: String, _ part: String) -> Bool {
        let text = Array(text.utf8)
        let part = Array(part.utf8)
        guard part.count <= text.count else { return false }
        return (0...(text.count - part.count)).contains { text[$0...].starts(with: part) }
    }

    /// The rule that this batch comes under; those that let it go by count it.
    private static func due(for batch: [Statement], _ rules: inout [Rule]) -> Int? {
        for index in rules.indices where rules[index].matches(batch) {
            guard rules[index].skips > 0 else { return index }
            rules[index].skips -= 1
        }
        return nil
    }

    private enum Decision {
        case forward
        case hold
        case fail(StoreError)
        case forwardThen(Fault)
    }

    package func apply(
        _ batch: [Statement], completion: @escaping @Sendable (Result<[StatementResult], StoreError>) -> Void
    ) {
        let decision = state.withLock { state -> Decision in
            if state.isCut { return .fail(StoreError(.closed, detail: "cut off")) }
            guard let index = FaultyDatabase.due(for: batch, &state.rules) else {
                guard state.isHeld else { return .forward }
                state.held.append(Held(batch: batch, completion: completion))
                return .hold
            }
            let rule = state.rules[index]
            if rule.isOnce { state.rules.remove(at: index) }
            switch rule.fault {
            case .before(let error): return .fail(error)
            case .crashBefore:
                state.isCut = true
                return .fail(StoreError(.closed, detail: "crashed before the batch"))
            case .crashAfter:
                state.isCut = true
                return .forwardThen(.crashAfter)
            case .after: return .forwardThen(.after)
            }
        }
        switch decision {
        case .hold: break
        case .fail(let error): completion(.failure(error))
        case .forward: forward(batch, completion)
        case .forwardThen(let fault):
            forward(batch) { _ in
                if case .crashAfter = fault {
                    completion(.failure(StoreError(.closed, outcome: .unknown, detail: "crashed after the batch")))
                } else {
                    completion(.failure(StoreError(.unavailable, outcome: .unknown, detail: "the connection was lost after the batch")))
                }
            }
        }
    }

    private func forward(
        _ batch: [Statement], _ completion: @escaping @Sendable (Result<[StatementResult], StoreError>) -> Void
    ) {
        base.apply(batch) { [self] result in
            if case .success = result { state.withLock { $0.applied += 1 } }
            completion(result)
        }
    }

    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (any ReadTransaction) throws -> Value
    ) async throws -> Value {
        try await base.read(body)
    }

    package func migrate(_ statements: [Statement]) async throws(StoreError) {
        try await base.migrate(statements)
    }

    package func setFence(_ fence: NodeFence) {
        base.setFence(fence)
    }

    package func close() async {
        await base.close()
    }
}
