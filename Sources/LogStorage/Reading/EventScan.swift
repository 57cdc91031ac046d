/// Finds the events of one page among the segments of some streams.
///
/// Chunks are visited in the order of their nearest edge. As soon as the page is full and the next chunk begins behind its last event,
/// or the scan limit is reached, it is done. Memory is bounded by a page and a chunk whatever the order in which events arrived.
struct EventScan {
    /// A chunk and the file it lies in.
    struct Source: Sendable {
        var chunk: SegmentState.Chunk
        var key: SegmentKey
    }

    /// What was found.
    struct Page {
        /// From the earliest to the latest.
        var items: [EventSelection.Item] = []
        /// Where the rest is, nil when everything was seen.
        var next: EventPosition?
    }

    /// Where the files lie.
    let paths: StorePaths
    /// How they are reached.
    let files: FileSystem
    /// The first time that is wanted, and the first that is not.
    let range: Range<Int64>
    /// Nothing before this place when reading forward, nothing from it on when reading backward.
    let start: EventPosition
    /// Whether later events follow, or earlier ones.
    let isForward: Bool
    /// The most events of a page.
    let limit: Int
    /// The most bytes of messages of a page.
    let byteLimit: Int
    /// How many bytes to read before giving up the search for a full page; only when reading forward.
    let scanLimit: Int64?
    /// Which messages are wanted; nil for all.
    let matches: (@Sendable (ArraySlice<UInt8>) -> Bool)?

    /// Finds the page among these chunks.
    func run(_ sources: [Source]) throws(LogStoreError) -> Page {
        let isForward = isForward
        let relevant = sources.filter { isRelevant($0.chunk) }
        var waiting = Heap(relevant) {
            isForward
                ? $0.chunk.minimumTimestamp < $1.chunk.minimumTimestamp : $0.chunk.maximumTimestamp > $1.chunk.maximumTimestamp
        }
        var selection = EventSelection(isForward: isForward, limit: limit, byteLimit: byteLimit)
        var scanned: Int64 = 0
        var openFile: (key: SegmentKey, file: OpenFile)?
        while let next = waiting.first {
            if selection.isFull, let last = selection.last, liesBehind(next.chunk, last.position) {
                selection.noteMore()
                break
            }
            if let scanLimit, isForward, scanned >= scanLimit, next.chunk.minimumTimestamp > start.timestamp {
                return stopped(selection, at: EventPosition(timestamp: next.chunk.minimumTimestamp, sequence: .min))
            }
            waiting.removeFirst()
            scanned += next.chunk.length
            try visit(next, &selection, &openFile)
        }
        let items = selection.sorted
        let end = isForward ? items.last?.position.successor : items.first?.position
        return Page(items: items, next: selection.isTruncated ? end : nil)
    }

    /// The page of a search that was stopped at a place before which everything is known.
    private func stopped(_ selection: EventSelection, at place: EventPosition) -> Page {
        let items = selection.sorted.filter { $0.position < place }
        // What did not fit on the page lies behind its last event, which may be before the place.
        if selection.isTruncated, let last = selection.last, last.position < place {
            return Page(items: items, next: last.position.successor)
        }
        return Page(items: items, next: place)
    }

    private func isRelevant(_ chunk: SegmentState.Chunk) -> Bool {
        guard chunk.maximumTimestamp >= range.lowerBound, chunk.minimumTimestamp < range.upperBound else { return false }
        return isForward ? chunk.maximumTimestamp >= start.timestamp : chunk.minimumTimestamp <= start.timestamp
    }

    private func liesBehind(_ chunk: SegmentState.Chunk, _ position: EventPosition) -> Bool {
        isForward ? chunk.minimumTimestamp > position.timestamp : chunk.maximumTimestamp < position.timestamp
    }

    private func visit(
        _ source: Source, _ selection: inout EventSelection, _ open: inout (key: SegmentKey, file: OpenFile)?
    ) throws(LogStoreError) {
        let bytes: [UInt8]
        do throws(FileFailure) {
            let file: OpenFile
            if let open, open.key == source.key { file = open.file } else { file = try files.open(paths.segment(source.key)) }
            open = (source.key, file)
            bytes = try file.read(Int(source.chunk.length), at: source.chunk.offset)
        } catch {
            // Deleted or expired since the index was looked at: then its events are gone.
            if error.isMissing { return }
            throw error.asLogStoreError()
        }
        var offset = 0
        while offset < bytes.count {
            guard let (kind, content) = Frame.body(in: bytes, at: offset), kind == .events, let batch = EventBatch(bytes, content),
                collect(batch, bytes, of: source.key.stream, &selection)
            else { throw damage(source, at: offset) }
            offset = content.upperBound
        }
        guard bytes.count == Int(source.chunk.length) else { throw damage(source, at: offset) }
    }

    private func collect(_ batch: EventBatch, _ bytes: [UInt8], of stream: Int, _ selection: inout EventSelection) -> Bool {
        batch.forEach(in: bytes) { timestamp, sequence, message in
            let position = EventPosition(timestamp: timestamp, sequence: sequence)
            guard range.contains(timestamp), isForward ? position >= start : position < start else { return }
            if let matches, !selection.wants(position) || !matches(message) {
                // A match that has no room is met again by the next page: whether this is one need not be known.
                if !selection.wants(position) { selection.noteMore() }
                return
            }
            guard selection.wants(position) else { return selection.noteMore() }
            selection.insert(.init(position: position, ingestedAt: batch.ingestedAt, stream: stream, message: Array(message)))
        }
    }

    private func damage(_ source: Source, at offset: Int) -> LogStoreError {
        LogStoreError(
            .corrupt,
            "\(paths.segment(source.key)) is damaged in the \(source.chunk.length) bytes from \(source.chunk.offset) on, at \(offset)")
    }
}
