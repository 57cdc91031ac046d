import Store
import Threading

/// A few reader threads with a connection each; a read runs in one transaction on one of them.
final class PostgresReaders: Sendable {

    private let jobs = Mailbox<@Sendable (PostgresReader) -> Void>()
    private let threads: [DedicatedThread]

    init(_ configuration: PostgresConfiguration) {
        // Each thread takes one job at a time from the shared queue, so a long read delays nobody behind it.
        let relays = (0..<max(1, configuration.readers)).map { _ in Mailbox<@Sendable (PostgresReader) -> Void>() }
        let idle = Mailbox<Int>()
        for index in relays.indices { idle.post(index) }
        var threads = relays.enumerated().map { index, relay in
            DedicatedThread(name: "db-reader-\(index)") {
                let reader = PostgresReader(configuration.url)
                while let taken = relay.drain() {
                    for job in taken {
                        job(reader)
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

    /// Queues a read; false when the readers are closed.
    func post(_ job: @escaping @Sendable (PostgresReader) -> Void) -> Bool {
        jobs.post(job)
    }

    /// Ends the threads after what was queued.
    func close() {
        jobs.close()
    }

    /// Blocks until the threads have ended.
    func join() {
        for thread in threads { thread.join() }
    }
}

/// One reader: a connection that is made when it is needed first, and again after it was lost. Belongs to one thread.
final class PostgresReader {
    private let url: PostgresURL
    private var connection: PostgresConnection?

    init(_ url: PostgresURL) {
        self.url = url
    }

    /// Runs `body` in one transaction, which begins with its first query: that is when its view of the data is taken.
    func read<Value>(_ body: (any ReadTransaction) throws -> Value) throws -> Value {
        let transaction = PostgresReadTransaction(self)
        defer { transaction.end() }
        return try body(transaction)
    }

    /// The first query of a transaction. A connection that turns out to be lost is replaced once: nothing was read yet.
    fileprivate func begin(_ query: Statement) throws(StoreError) -> [Row] {
        var isSecondAttempt = false
        while true {
            let connection = try connected()
            do throws(StoreError) {
                try connection.refresh()
                return try connection.exchange([PostgresDialect.beginRead, query])[1].rows
            } catch {
                guard connection.isLost, !isSecondAttempt else { throw error }
                isSecondAttempt = true
            }
        }
    }

    fileprivate func next(_ query: Statement) throws(StoreError) -> [Row] {
        guard let connection, !connection.isLost else { throw StoreError(.unavailable, detail: "the connection was lost during a read") }
        return try connection.exchange([query])[0].rows
    }

    /// Ends the transaction; nobody waits for that.
    fileprivate func end() {
        connection?.sendOnly([Statement("COMMIT")])
    }

    private func connected() throws(StoreError) -> PostgresConnection {
        if let connection, !connection.isLost { return connection }
        let new = try PostgresConnection(url)
        connection = new
        return new
    }
}

/// A read transaction on a reader's connection.
private final class PostgresReadTransaction: ReadTransaction {
    private let reader: PostgresReader
    private var hasBegun = false

    init(_ reader: PostgresReader) {
        self.reader = reader
    }

    func rows(_ sql: String, _ values: [SQLValue]) throws(StoreError) -> [Row] {
        let query = Statement(sql, values)
        guard !hasBegun else { return try reader.next(query) }
        hasBegun = true
        return try reader.begin(query)
    }

    func end() {
        if hasBegun { reader.end() }
    }
}
