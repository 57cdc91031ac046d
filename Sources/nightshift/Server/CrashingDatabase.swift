#if DEBUG
    import Foundation
    import Store
    import Synchronization

    /// For crash tests, in debug builds only: a database that kills the process (SIGKILL) at the batch or read that `CrashPoint` names, or
    /// fails a batch that `FaultFile` orders.
    struct CrashingDatabase: Database {
        private let base: any Database
        private let point: CrashPoint?
        private let left: Counter

        private final class Counter: Sendable {
            let left: Mutex<Int>

            init(_ left: Int) { self.left = Mutex(left) }
        }

        /// The database itself unless the environment names a point or a file.
        static func wrap(_ base: any Database) -> any Database {
            let point = CrashPoint.fromEnvironment.flatMap { CrashPoint.fileEvents.contains($0.event) ? nil : $0 }
            guard point != nil || FaultFile.fromEnvironment != nil else { return base }
            return CrashingDatabase(base: base, point: point, left: Counter(point?.count ?? 0))
        }

        private func pass(_ event: String, _ batch: [Statement] = []) {
            guard let point, event == point.event, point.text.isEmpty || batch.contains(where: { $0.sql.contains(point.text) }),
                left.left.withLock({
                    $0 -= 1
                    return $0
                }) == 0
            else { return }
            kill(getpid(), SIGKILL)
        }

        func apply(_ batch: [Statement], completion: @escaping @Sendable (Result<[StatementResult], StoreError>) -> Void) {
            pass("before-commit", batch)
            let fault = FaultFile.fromEnvironment?.fault(of: batch)
            if case .before = fault { return completion(.failure(StoreError(.unavailable, detail: "a test let it fail"))) }
            base.apply(batch) { result in
                pass("after-commit", batch)
                if case .after = fault, case .success = result {
                    return completion(.failure(StoreError(.unavailable, outcome: .unknown, detail: "a test let it fail afterwards")))
                }
                completion(result)
            }
        }

        func read<Value: Sendable>(_ body: @escaping @Sendable (any ReadTransaction) throws -> Value) async throws -> Value {
            pass("read")
            return try await base.read(body)
        }

        func migrate(_ statements: [Statement]) async throws(StoreError) { try await base.migrate(statements) }

        func setFence(_ fence: NodeFence) { base.setFence(fence) }

        func close() async { await base.close() }
    }
#endif
