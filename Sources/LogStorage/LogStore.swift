import Synchronization
import Threading
package import TimeSource

/// Durable, append-only storage of log events: groups hold streams, streams hold events.
///
/// Every stream is a row of segment files; the directory is all there is. One thread writes, a few read; calls from Swift's pool wait
/// without blocking it. `DESIGN.md` beside this file tells the format and what survives which crash.
package final class LogStore: Sendable {
    /// The limits it was opened with.
    let options: LogStoreOptions
    /// The index in memory.
    let catalogue: Catalogue
    /// Where its files lie.
    let paths: StorePaths
    /// How files are reached.
    let files: FileSystem
    private let mailbox: Mailbox<WriterJob>
    private let writerThread: DedicatedThread
    private let workers: WorkerPool
    private let queue = Mutex((count: 0, bytes: 0))
    /// How many backups are under way; retention removes nothing meanwhile.
    let backups = Mutex(0)

    /// What opening found.
    package let recovery: LogRecovery

    /// Blocks while it reads the directory.
    private init(
        directory: String, options: LogStoreOptions, clock: any ClockSource, random: any RandomSource, workers: WorkerPool
    ) throws(LogStoreError) {
        paths = StorePaths(root: directory)
        files = FileSystem(faults: options.faults)
        self.options = options
        self.workers = workers
        var recovery = Recovery(paths: paths, files: files, options: options)
        do throws(FileFailure) {
            catalogue = Catalogue(try recovery.run())
        } catch {
            throw error.asLogStoreError()
        }
        self.recovery = recovery.report
        let mailbox = Mailbox<WriterJob>()
        self.mailbox = mailbox
        writerThread = DedicatedThread(name: "log-writer") { [paths, files, catalogue] in
            var writer = LogWriter(
                paths: paths, files: files, options: options, catalogue: catalogue, clock: clock, random: random)
            writer.run(mailbox)
        }
    }

    /// Opens the store in a directory, which is created with mode 0700 when it is missing.
    ///
    /// Only one store may be open on a directory; the caller's lock on its data directory sees to that. Writes that were never
    /// acknowledged are cut off; `recovery` tells what was found.
    package static func open(
        directory: String, options: LogStoreOptions = LogStoreOptions(), clock: any ClockSource, random: any RandomSource
    ) async throws(LogStoreError) -> LogStore {
        let workers = WorkerPool(count: options.readerThreads, name: "log-reader")
        return try await workers.run { () throws(LogStoreError) in
            try LogStore(directory: directory, options: options, clock: clock, random: random, workers: workers)
        }
    }

    /// Writes and synchronises everything that was accepted, saves the index and refuses all further calls.
    package func close() async {
        mailbox.close()
        _ = try? await workers.run { [writerThread] () throws(LogStoreError) in
            writerThread.join()
            self.saveIndexes()
        }
        workers.close()
        let tails = catalogue.update { contents in
            let tails = contents.groups.values.flatMap { Array($0.tails.values) }
            for number in contents.groups.keys { contents.groups[number]?.tails = [:] }
            return tails
        }
        for tail in tails { tail.finish() }
    }

    /// Has the writer do a change and waits until it is on the disk.
    func change<Value: Sendable>(
        _ body: @escaping @Sendable (inout LogWriter) throws(LogStoreError) -> Value
    ) async throws(LogStoreError) -> Value {
        let result: Result<Value, LogStoreError> = await withCheckedContinuation { continuation in
            let isAccepted = mailbox.post(
                .change { writer in writer.perform(reply: { continuation.resume(returning: $0) }, body) })
            if !isAccepted { continuation.resume(returning: .failure(.storeClosed)) }
        }
        return try result.get()
    }

    /// How many appends were handed over and are not answered yet.
    var queuedAppends: Int { queue.withLock { $0.count } }

    /// Runs a blocking read on one of the store's threads.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable () throws(LogStoreError) -> Value
    ) async throws(LogStoreError) -> Value {
        try await workers.run(body)
    }

    /// Hands an append to the writer, as long as not too much waits there already.
    func submit(
        _ size: Int, _ request: (@escaping @Sendable (Result<LogAppendResult, LogStoreError>) -> Void) -> AppendRequest
    ) async throws(LogStoreError) -> LogAppendResult {
        let isRoom = queue.withLock { queue in
            guard queue.bytes == 0 || queue.bytes + size <= options.maximumQueuedBytes else { return false }
            queue.bytes += size
            return true
        }
        guard isRoom else { throw LogStoreError(.overloaded, "too many log events wait for the disk") }
        let result: Result<LogAppendResult, LogStoreError> = await withCheckedContinuation { continuation in
            let isAccepted = mailbox.post(.append(request { continuation.resume(returning: $0) }))
            queue.withLock { $0.count += 1 }
            if !isAccepted { continuation.resume(returning: .failure(.storeClosed)) }
        }
        queue.withLock { queue in
            queue.count -= 1
            queue.bytes -= size
        }
        return try result.get()
    }

    /// Writes the index file of each group, so that the next start need not read the segments.
    ///
    /// A failure is of no consequence: the index is a cache.
    func saveIndexes() {
        for group in catalogue.update({ Array($0.groups.values) }) {
            try? files.replace(
                paths.indexFile(group.number), with: GroupIndex(group).encoded(), in: paths.directory(ofGroup: group.number))
        }
    }
}
