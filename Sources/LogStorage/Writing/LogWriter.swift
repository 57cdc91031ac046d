import Threading
import TimeSource

/// The one that changes files. Lives on a thread of its own, so that nothing here is shared and changes never interleave.
///
/// It works in rounds: everything that waits is written, then each touched file and directory is synchronised once, then everybody is
/// answered. So appends that arrive together share their synchronisation.
struct LogWriter {
    private struct OpenSegment {
        let file: OpenFile
        var lastUse: UInt64
    }

    private static let synchronisedAtOnce = 64

    /// Where the files lie.
    let paths: StorePaths
    /// How they are reached.
    let files: FileSystem
    /// The limits.
    let options: LogStoreOptions
    /// What the writer keeps up to date.
    let catalogue: Catalogue
    /// Tells when events are taken in.
    let clock: any ClockSource
    /// Gives streams their random bits.
    let random: any RandomSource

    private let synchroniser: ParallelSynchroniser
    private var openSegments: [SegmentKey: OpenSegment] = [:]
    private var useCounter: UInt64 = 0
    /// Written to since they were last synchronised.
    private var dirty: Set<SegmentKey> = []
    private var dirtySince: MonotonicInstant?
    /// To be synchronised at the end of this round.
    private var dueFiles: Set<SegmentKey> = []
    private var dueDirectories: Set<String> = []
    /// Answers that wait for the end of this round.
    private var pendingReplies: [@Sendable (LogStoreError?) -> Void] = []
    /// Set once the disk can no longer be trusted.
    private var fatal: LogStoreError?

    /// Why nothing is written any more, nil while all is well.
    var fatalFailure: LogStoreError? { fatal }

    /// A writer on a catalogue that was just recovered.
    init(
        paths: StorePaths, files: FileSystem, options: LogStoreOptions, catalogue: Catalogue, clock: any ClockSource,
        random: any RandomSource
    ) {
        (self.paths, self.files, self.options, self.catalogue) = (paths, files, options, catalogue)
        (self.clock, self.random) = (clock, random)
        synchroniser = ParallelSynchroniser(threads: options.synchroniserThreads)
    }

    /// Works until the mailbox is closed and empty, then synchronises what is left.
    mutating func run(_ mailbox: Mailbox<WriterJob>) {
        let interval = Int(options.flushInterval.wholeMilliseconds)
        while let jobs = mailbox.drain(timeoutMilliseconds: dirty.isEmpty ? nil : interval) {
            for job in jobs {
                switch job {
                case .append(let request): append(request)
                case .change(let change): change(&self)
                }
            }
            // An empty drain means that the interval passed idly; under load the clock tells.
            let isOverdue = dirtySince.map { clock.monotonic - $0 >= options.flushInterval } ?? false
            if jobs.isEmpty || isOverdue { dueFiles.formUnion(dirty) }
            finishRound()
        }
        dueFiles.formUnion(dirty)
        finishRound()
        synchroniser.close()
    }

    /// Does a change whose answer `reply` waits until what `body` wrote is on the disk.
    mutating func perform<Value: Sendable>(
        reply: @escaping @Sendable (Result<Value, LogStoreError>) -> Void,
        _ body: (inout LogWriter) throws(LogStoreError) -> Value
    ) {
        if let fatal { return reply(.failure(fatal)) }
        do throws(LogStoreError) {
            let value = try body(&self)
            pendingReplies.append { failure in reply(failure.map { .failure($0) } ?? .success(value)) }
        } catch {
            reply(.failure(error))
        }
    }

    /// Has a directory synchronised before this round is answered.
    mutating func synchroniseAtEnd(directory: String) { dueDirectories.insert(directory) }

    /// Has a segment synchronised before this round is answered.
    mutating func synchroniseAtEnd(segment: SegmentKey) {
        markDirty(segment)
        dueFiles.insert(segment)
    }

    /// Notes that a segment was written to; it is synchronised within the flush interval.
    mutating func markDirty(_ key: SegmentKey) {
        if dirty.isEmpty { dirtySince = clock.monotonic }
        dirty.insert(key)
    }

    /// Forgets everything about files that were removed.
    mutating func forget(where isGone: (SegmentKey) -> Bool) {
        openSegments = openSegments.filter { !isGone($0.key) }
        dirty = dirty.filter { !isGone($0) }
        dueFiles = dueFiles.filter { !isGone($0) }
    }

    /// The segment's file, opened when it is not open yet; the one unused for longest is closed for it.
    mutating func file(of key: SegmentKey, create: Bool = false) throws(FileFailure) -> OpenFile {
        useCounter += 1
        if openSegments[key] != nil {
            openSegments[key]?.lastUse = useCounter
        } else {
            // Opened files that are dirty can be closed: synchronising through another descriptor covers their bytes too.
            if openSegments.count >= options.maximumOpenFiles, let oldest = openSegments.min(by: { $0.value.lastUse < $1.value.lastUse }) {
                openSegments[oldest.key] = nil
            }
            openSegments[key] = OpenSegment(file: try files.open(paths.segment(key), create: create, writable: true), lastUse: useCounter)
        }
        guard let open = openSegments[key] else { preconditionFailure("it was put there on the lines above") }
        return open.file
    }

    private mutating func finishRound() {
        if fatal == nil {
            do throws(FileFailure) {
                try synchroniseDueFiles()
                for directory in dueDirectories { try synchroniseDirectory(directory) }
            } catch {
                // The kernel may have dropped the pages that it could not write and would report success next time. Only a restart,
                // which reads what is really there, is safe.
                let failure = error.asLogStoreError(outcome: .unknown)
                fatal = failure
                options.onFatalFailure(failure)
            }
        }
        dueFiles = []
        dueDirectories = []
        if fatal != nil { dirty = [] }
        let replies = pendingReplies
        pendingReplies = []
        for reply in replies { reply(fatal) }
    }

    private mutating func synchroniseDueFiles() throws(FileFailure) {
        let keys = Array(dueFiles)
        // In portions, which bounds how many files are open beside those kept open.
        for start in stride(from: 0, to: keys.count, by: Self.synchronisedAtOnce) {
            let portion = keys[start..<min(start + Self.synchronisedAtOnce, keys.count)]
            var opened: [OpenFile] = []
            for key in portion { opened.append(try file(of: key)) }
            try synchroniser.synchronise(opened)
            for key in portion { noteSynchronised(key) }
        }
    }

    private mutating func noteSynchronised(_ key: SegmentKey) {
        dirty.remove(key)
        if dirty.isEmpty { dirtySince = nil }
        catalogue.update { contents in
            guard let index = contents.groups[key.group]?.streams[key.stream]?.segments.lastIndex(where: { $0.number == key.segment }),
                let length = contents.groups[key.group]?.streams[key.stream]?.segments[index].length
            else { return }
            contents.groups[key.group]?.streams[key.stream]?.segments[index].durableLength = length
        }
    }

    private func synchroniseDirectory(_ directory: String) throws(FileFailure) {
        do throws(FileFailure) {
            try files.synchroniseDirectory(directory)
        } catch {
            // A group that was created and deleted within the round has nothing left to synchronise.
            guard error.isMissing else { throw error }
        }
    }
}
