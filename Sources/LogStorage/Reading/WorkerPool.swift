import Synchronization
import Threading

/// A few threads of our own for blocking reads; work goes to the one with the least to do.
final class WorkerPool: Sendable {
    /// What a thread does.
    typealias Work = @Sendable () -> Void

    private let mailboxes: [Mailbox<Work>]
    private let threads: [DedicatedThread]
    private let outstanding: Mutex<[Int]>

    /// Starts the threads.
    init(count: Int, name: String) {
        let mailboxes = (0..<max(1, count)).map { _ in Mailbox<Work>() }
        self.mailboxes = mailboxes
        outstanding = Mutex([Int](repeating: 0, count: mailboxes.count))
        threads = mailboxes.map { mailbox in
            DedicatedThread(name: name) {
                while let batch = mailbox.drain() { for work in batch { work() } }
            }
        }
    }

    /// Runs `body` on one of the threads.
    func run<Value: Sendable>(_ body: @escaping @Sendable () throws(LogStoreError) -> Value) async throws(LogStoreError) -> Value {
        let index = outstanding.withLock { counts in
            let index = counts.indices.min { counts[$0] < counts[$1] } ?? 0
            counts[index] += 1
            return index
        }
        let result: Result<Value, LogStoreError> = await withCheckedContinuation { continuation in
            let isAccepted = mailboxes[index].post {
                do throws(LogStoreError) {
                    continuation.resume(returning: .success(try body()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
            if !isAccepted { continuation.resume(returning: .failure(.storeClosed)) }
        }
        outstanding.withLock { $0[index] -= 1 }
        return try result.get()
    }

    /// Lets the threads end once they did what waits.
    func close() {
        for mailbox in mailboxes { mailbox.close() }
    }
}

extension LogStoreError {
    /// What every call on a closed store answers.
    static let storeClosed = LogStoreError(.closed, "the log store is closed")
}
