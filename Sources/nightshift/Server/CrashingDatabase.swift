#if DEBUG
    import Foundation
    import Store
    import Synchronization

    /// For crash tests, in debug builds only: a database that kills the process (SIGKILL) where `NIGHTSHIFT_CRASH_POINT` says:
    /// `before-commit:7` at the seventh batch, `after-commit:7` when it is durable and nobody has heard of it, `read:7` at the
    /// seventh read. The first ones of a process are those of its start and recovery.
    struct CrashingDatabase: Database {
        private let base: any Database
        private let point: String
        private let count: Counter

        private final class Counter: Sendable {
            let left: Mutex<Int>

            init(_ left: Int) { self.left = Mutex(left) }
        }

        /// The database itself unless the environment names a point.
        static func wrap(_ base: any Database) -> any Database {
            let parts = (ProcessInfo.processInfo.environment["NIGHTSHIFT_CRASH_POINT"] ?? "").split(separator: ":")
            guard parts.count == 2, let count = Int(parts[1]) else { return base }
            return CrashingDatabase(base: base, point: String(parts[0]), count: Counter(count))
        }

        private func pass(_ point: String) {
            guard point == self.point,
                count.left.withLock({
                    $0 -= 1
                    return $0
                }) == 0
            else { return }
            kill(getpid(), SIGKILL)
        }

        func apply(_ batch: [Statement], completion: @escaping @Sendable (Result<[StatementResult], StoreError>) -> Void) {
            pass("before-commit")
            base.apply(batch) { result in
                pass("after-commit")
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
