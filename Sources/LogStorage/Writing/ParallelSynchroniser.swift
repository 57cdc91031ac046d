import Threading

/// Synchronises several files at once: the file system then writes them with few commits of its journal instead of one for each.
///
/// Belongs to the writer's thread, which waits for the result.
struct ParallelSynchroniser {
    private let work: [Mailbox<OpenFile>]
    private let results = Mailbox<FileFailure?>()

    /// Starts the threads; with fewer than two everything is done by the caller's.
    init(threads: Int) {
        let results = results
        work = (0..<(threads < 2 ? 0 : threads)).map { _ in
            let mailbox = Mailbox<OpenFile>()
            _ = DedicatedThread(name: "log-sync", stackSize: 1 << 18) {
                while let files = mailbox.drain() {
                    for file in files { results.post(Self.synchronise(file)) }
                }
            }
            return mailbox
        }
    }

    /// Returns when all files are on the disk, with the first failure if there was one.
    func synchronise(_ files: [OpenFile]) throws(FileFailure) {
        guard files.count > 1, !work.isEmpty else {
            for file in files { try file.synchronise() }
            return
        }
        for (index, file) in files.enumerated() { work[index % work.count].post(file) }
        var answered = 0
        var failure: FileFailure?
        while answered < files.count, let batch = results.drain() {
            answered += batch.count
            for case let found? in batch { failure = failure ?? found }
        }
        if let failure { throw failure }
    }

    /// Ends the threads.
    func close() {
        for mailbox in work { mailbox.close() }
    }

    private static func synchronise(_ file: OpenFile) -> FileFailure? {
        do throws(FileFailure) {
            try file.synchronise()
            return nil
        } catch {
            return error
        }
    }
}
