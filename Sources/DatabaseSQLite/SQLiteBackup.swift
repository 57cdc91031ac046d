import CSQLite
package import Store
import Synchronization

/// A copy of the database in the making, in small steps on the writer's own connection.
///
/// Because the writer itself copies, what it commits meanwhile goes into the pages that are copied already: the copy is never begun anew,
/// however busy the writer is, and no reader keeps the write-ahead log from being reused. The copy is the state after the last step.
/// Belongs to the writer's thread.
final class SQLiteBackup {
    /// What is asked of the writer.
    final class Order: Sendable {
        /// The file to write; it must not exist.
        let path: String
        /// Set when nobody wants the copy any more.
        let isCancelled = Atomic(false)
        private let completion: @Sendable (StoreError?) -> Void

        /// `completion` is called once, on the writer's thread.
        init(path: String, completion: @escaping @Sendable (StoreError?) -> Void) {
            self.path = path
            self.completion = completion
        }

        /// Tells how it ended.
        func finish(_ error: StoreError?) { completion(error) }
    }

    /// Between two groups the writer copies about this long, and then looks for work.
    private static let stepTime = Duration.milliseconds(2)
    /// The clock is read after so many pages: 64 KiB of the usual size.
    private static let pagesAtOnce: Int32 = 16

    private let order: Order
    private let target: OpaquePointer
    private let backup: OpaquePointer

    /// Opens the file.
    init(_ order: Order, of source: OpaquePointer) throws(StoreError) {
        self.order = order
        var opened: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_EXCLUSIVE | SQLITE_OPEN_NOMUTEX
        guard sqlite3_open_v2(order.path, &opened, flags, nil) == SQLITE_OK, let opened else {
            let error = SQLiteBackup.error(opened, doing: "opening \(order.path)")
            sqlite3_close_v2(opened)
            throw error
        }
        // The file is of use only once it is whole, so it needs no journal, and whoever asked for it synchronises it: here that
        // would delay commits.
        sqlite3_exec(opened, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-4096", nil, nil, nil)
        guard let backup = sqlite3_backup_init(opened, "main", source, "main") else {
            let error = SQLiteBackup.error(opened, doing: "beginning the backup")
            sqlite3_close_v2(opened)
            throw error
        }
        target = opened
        self.backup = backup
    }

    /// Copies for a short while.
    /// - Returns: false when the copy is over, in either way, and its order was told so.
    func step() -> Bool {
        let clock = ContinuousClock()
        let end = clock.now + SQLiteBackup.stepTime
        repeat {
            guard !order.isCancelled.load(ordering: .relaxed) else {
                return finish(StoreError(.unavailable, detail: "the backup was cancelled"))
            }
            switch sqlite3_backup_step(backup, SQLiteBackup.pagesAtOnce) {
            case SQLITE_OK: continue
            case SQLITE_DONE: return finish(nil)
            case SQLITE_BUSY, SQLITE_LOCKED: return true
            case let code:
                let text = String(cString: sqlite3_errstr(code))
                return finish(
                    StoreError(code & 0xFF == SQLITE_FULL ? .full : .unavailable, detail: "\(text) (\(code)) while copying the database"))
            }
        } while clock.now < end
        return true
    }

    /// Ends a copy that is not whole.
    func abandon() {
        _ = finish(StoreError(.closed))
    }

    private func finish(_ error: StoreError?) -> Bool {
        let code = sqlite3_backup_finish(backup)
        let closed = sqlite3_close(target)
        if error == nil, code != SQLITE_OK || closed != SQLITE_OK {
            order.finish(StoreError(.unavailable, detail: "the copy could not be finished (\(code), \(closed))"))
        } else {
            order.finish(error)
        }
        return false
    }

    private static func error(_ handle: OpaquePointer?, doing what: String) -> StoreError {
        let detail = handle.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
        return StoreError(.unavailable, detail: "\(what): \(detail)")
    }
}

extension SQLiteConnection {
    /// Begins a copy of this connection's database.
    func beginBackup(_ order: SQLiteBackup.Order) throws(StoreError) -> SQLiteBackup {
        try SQLiteBackup(order, of: handle)
    }
}

extension SQLiteDatabase: DatabaseBackup {
    package func backUp(to path: String) async throws(StoreError) {
        let pending = Mutex<SQLiteBackup.Order?>(nil)
        let error = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<StoreError?, Never>) in
                let order = SQLiteBackup.Order(path: path) { continuation.resume(returning: $0) }
                pending.withLock { $0 = order }
                // A handler that ran before found no order.
                if Task.isCancelled { order.isCancelled.store(true, ordering: .relaxed) }
                writer.post(order)
            }
        } onCancel: {
            pending.withLock { $0 }?.isCancelled.store(true, ordering: .relaxed)
        }
        if let error { throw error }
    }
}
