import Store
import Threading

/// A few reader threads with a connection each; a read runs in one transaction on one of them.
final class SQLiteReaders: Sendable {
    typealias Job = @Sendable (Result<SQLiteConnection, StoreError>) -> Void

    private let jobs = Mailbox<Job>()
    private let relays: [Mailbox<Job>]
    private let threads: [DedicatedThread]

    init(path: String, count: Int) {
        // Each thread takes one job at a time from the shared queue, so a long read delays nobody behind it.
        let relays = (0..<count).map { _ in Mailbox<Job>() }
        self.relays = relays
        let idle = Mailbox<Int>()
        for index in 0..<count { idle.post(index) }
        var threads = relays.enumerated().map { index, relay in
            DedicatedThread(name: "db-reader-\(index)") {
                let connection = SQLiteReaders.open(path)
                while let taken = relay.drain() {
                    for job in taken {
                        job(connection)
                        idle.post(index)
                    }
                }
            }
        }
        threads.append(
            DedicatedThread(name: "db-readers") { [jobs] in
                var free: [Int] = []
                while let waiting = jobs.drain() {
                    for job in waiting {
                        if free.isEmpty { free = idle.drain() ?? [] }
                        if let index = free.popLast() { relays[index].post(job) }
                    }
                }
                for relay in relays { relay.close() }
            })
        self.threads = threads
    }

    /// Queues a read.
    func post(_ job: @escaping Job) {
        if !jobs.post(job) { job(.failure(StoreError(.closed))) }
    }

    /// Ends the threads after what was queued.
    func close() {
        jobs.close()
    }

    /// Blocks until the threads have ended.
    func join() {
        for thread in threads { thread.join() }
    }

    private static func open(_ path: String) -> Result<SQLiteConnection, StoreError> {
        do throws(StoreError) {
            return .success(try SQLiteConnection(path: path, role: .reader))
        } catch {
            return .failure(error)
        }
    }
}

/// A read transaction on a reader's connection.
struct SQLiteReadTransaction: ReadTransaction {
    let connection: SQLiteConnection

    func rows(_ sql: String, _ values: [SQLValue]) throws(StoreError) -> [Row] {
        try connection.run(sql, values).rows
    }
}
