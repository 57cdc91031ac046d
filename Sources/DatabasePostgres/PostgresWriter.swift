import Logging
import Store
import Synchronization
import Threading

/// The one writer: a thread that takes every batch that waits and commits them together (group commit). All statements of a group are
/// sent without waiting for each other's answers, then the commit. A lone batch is committed at once.
///
/// A batch whose guard fails must not spoil the others: the group is rolled back and run again with a savepoint around each batch.
/// That is the slow path; engines check before they write. A lost connection: `PostgresWriterSession`.
final class PostgresWriter: Sendable {
    struct Request: Sendable {
        let statements: [Statement]
        let completion: @Sendable (Result<[StatementResult], StoreError>) -> Void
    }

    private let requests = Mailbox<Request>()
    private let thread: DedicatedThread
    private let fence = PostgresFence()

    /// At most so many statements share a commit, which bounds the wait of the first and the memory of answers.
    private static let groupLimit = 8_192

    /// Starts the thread, which connects and tells by `ready` how that went.
    init(_ configuration: PostgresConfiguration, logger: Logger, ready: @escaping @Sendable (StoreError?) -> Void) {
        thread = DedicatedThread(name: "db-writer") { [requests, fence] in
            do throws(StoreError) {
                let session = try PostgresWriterSession(configuration, fence: fence, logger: logger)
                ready(nil)
                PostgresWriter.serve(requests, session)
            } catch {
                ready(error)
                requests.close()
                while let left = requests.drain() {
                    for request in left { request.completion(.failure(StoreError(.closed))) }
                }
            }
        }
    }

    /// Every later transaction advances this fence, from number 0.
    func setFence(_ newFence: NodeFence) {
        fence.set(newFence)
    }

    /// Queues a batch.
    func post(_ request: Request) {
        if !requests.post(request) { request.completion(.failure(StoreError(.closed))) }
    }

    /// Ends the thread after what was queued.
    func close() {
        requests.close()
    }

    /// Blocks until the thread has ended.
    func join() {
        thread.join()
    }

    private static func serve(_ requests: Mailbox<Request>, _ session: PostgresWriterSession) {
        var lost: StoreError?
        while let waiting = requests.drain() {
            var first = 0
            while first < waiting.count {
                if let lost {
                    for request in waiting[first...] { request.completion(.failure(lost)) }
                    break
                }
                let last = endOfGroup(waiting, from: first)
                let group = waiting[first..<last]
                let results = session.commit(group.map(\.statements))
                if case .failure(let error)? = results.first { lost = lasting(error) }
                for (request, result) in zip(group, results) { request.completion(result) }
                first = last
            }
        }
    }

    /// What everything after a group that failed in this way fails with, nil when it may succeed. After an unknown outcome batches would
    /// build on what may not be there: the process has to start again and read what is.
    private static func lasting(_ error: StoreError) -> StoreError? {
        switch (error.code, error.outcome) {
        case (.fenced, _), (.corrupted, .unknown): StoreError(error.code, detail: error.detail)
        case (_, .unknown): StoreError(.closed, detail: "a commit before this one has an unknown outcome: \(error.detail)")
        default: nil
        }
    }

    private static func endOfGroup(_ waiting: [Request], from first: Int) -> Int {
        var last = first
        var statements = 0
        while last < waiting.count, last == first || statements + waiting[last].statements.count <= groupLimit {
            statements += waiting[last].statements.count
            last += 1
        }
        return last
    }
}

/// The fence and the number of the last transaction under it. Set by whoever starts the node; only the writer's thread counts.
final class PostgresFence: Sendable {
    private let state = Mutex<(holder: NodeFence, sequence: Int64)?>(nil)

    /// The holder, and the number of the last transaction that is known to be applied.
    var current: (holder: NodeFence, sequence: Int64)? { state.withLock { $0 } }

    /// Begins to count for a holder, from number 0.
    func set(_ holder: NodeFence) {
        state.withLock { $0 = (holder, 0) }
    }

    /// A transaction with this number was applied.
    func applied(_ sequence: Int64) {
        state.withLock { $0?.sequence = sequence }
    }
}
