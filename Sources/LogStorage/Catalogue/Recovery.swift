/// What opening a store found.
package struct LogRecovery: Hashable, Sendable {
    /// How many groups there are.
    package internal(set) var groups = 0
    /// How many streams there are.
    package internal(set) var streams = 0
    /// Bytes read because no index spoke of them.
    package internal(set) var scannedBytes: Int64 = 0
    /// Segments from whose end a torn, never acknowledged write was cut, with the number of bytes.
    package internal(set) var truncated: [String: Int64] = [:]
    /// Files that are not what the store wrote. What stands before the damage is readable; nothing was removed.
    package internal(set) var damaged: [String] = []
}

/// Builds the catalogue from what lies in the directory. Runs once, before anything else touches the files.
struct Recovery {
    private let paths: StorePaths
    private let files: FileSystem
    private let options: LogStoreOptions
    /// What was found so far.
    private(set) var report = LogRecovery()
    /// Whether the index of the group at hand contradicts a file.
    private var indexIsStale = false

    /// A recovery of one store.
    init(paths: StorePaths, files: FileSystem, options: LogStoreOptions) {
        (self.paths, self.files, self.options) = (paths, files, options)
    }

    /// Reads the directory, mends what a crash left, and answers the state.
    mutating func run() throws(FileFailure) -> Catalogue.Contents {
        try files.createDirectory(paths.root)
        var contents = Catalogue.Contents()
        for name in try files.list(paths.root) {
            if name.hasPrefix("trash-") {
                try files.removeDirectory(paths.root + "/" + name)
            } else if let number = StorePaths.number(name) {
                contents.nextGroupNumber = max(contents.nextGroupNumber, number + 1)
                guard let group = try recoverGroup(number) else { continue }
                contents.groups[number] = group
                contents.numbers[group.description.name] = number
                report.groups += 1
                report.streams += group.streams.count
            }
        }
        return contents
    }

    private mutating func recoverGroup(_ number: Int) throws(FileFailure) -> GroupState? {
        let directory = paths.directory(ofGroup: number)
        let entries = try files.list(directory)
        guard entries.contains("group") else {
            // The group file is written first: without it the creation was never answered, so nothing else can be there.
            try files.removeDirectory(directory)
            return nil
        }
        guard let description = GroupDescription.decode(try read(paths.groupFile(number))) else {
            report.damaged.append(paths.groupFile(number))
            return nil
        }
        var group = GroupState(number: number, description: description)
        let index = entries.contains("index") ? GroupIndex.decode(try read(paths.indexFile(number))) ?? GroupIndex() : GroupIndex()
        group.nextStreamNumber = index.nextStreamNumber
        group.nextSequence = index.nextSequence

        let parsed = entries.map(StorePaths.entry)
        var segments: [Int: [Int]] = [:]
        for case .segment(let stream, let segment) in parsed { segments[stream, default: []].append(segment) }
        for case .deletionMark(let stream) in parsed {
            for segment in segments.removeValue(forKey: stream) ?? [] {
                try files.remove(paths.segment(SegmentKey(group: number, stream: stream, segment: segment)))
            }
            try files.synchroniseDirectory(directory)
            try files.remove(paths.deletionMark(group: number, stream: stream))
        }
        for (stream, numbers) in segments {
            group.nextStreamNumber = max(group.nextStreamNumber, stream + 1)
            guard let state = try recoverStream(stream, of: number, numbers.sorted(), index.streams[stream]) else { continue }
            group.streams[stream] = state
            group.streamNumbers[ExactText(state.name)] = stream
            group.nextSequence = max(group.nextSequence, state.segments.map(\.nextSequence).max() ?? 0)
        }
        group.nextSequence += GroupState.sequenceGapAtStart
        if indexIsStale {
            // The file it spoke of is shorter than it was: it may grow again to that length with other content.
            try files.remove(paths.indexFile(number))
            indexIsStale = false
        }
        return group
    }

    private mutating func recoverStream(
        _ stream: Int, of group: Int, _ numbers: [Int], _ index: GroupIndex.Stream?
    ) throws(FileFailure) -> StreamState? {
        var state: StreamState?
        if let index {
            state = StreamState(number: stream, name: index.name, createdAt: index.createdAt, identity: index.identity, segments: [])
        }
        for number in numbers {
            let key = SegmentKey(group: group, stream: stream, segment: number)
            let indexed = index?.segments.first { $0.number == number }
            guard let (segment, header) = try recoverSegment(key, indexed, isLast: number == numbers.last) else { continue }
            if state == nil, let header {
                state = StreamState(
                    number: stream, name: header.streamName, createdAt: header.createdAt, identity: header.identity, segments: [])
            }
            state?.segments.append(segment)
        }
        guard let state, !state.segments.isEmpty else { return nil }
        return state
    }

    /// The state of one segment, with its header where that had to be read.
    private mutating func recoverSegment(
        _ key: SegmentKey, _ indexed: SegmentState?, isLast: Bool
    ) throws(FileFailure) -> (SegmentState, SegmentHeader?)? {
        let path = paths.segment(key)
        let size = try files.size(path)
        if let indexed, indexed.length == size { return (indexed, nil) }
        let file = try files.open(path, writable: true)

        var segment: SegmentState
        var header: SegmentHeader?
        let start: Int64
        if let indexed, indexed.length < size {
            (segment, start) = (indexed, indexed.length)
        } else {
            if indexed != nil { indexIsStale = true }
            let bytes = try file.read(Int(min(size, 1 << 16)), at: 0)
            guard let (found, end) = SegmentHeader.decode(bytes) else {
                try discardHeadless(path, size: size)
                return nil
            }
            (header, start) = (found, Int64(end))
            segment = SegmentState(number: key.segment, length: start, sourceOffset: found.sourceOffset)
        }
        let bytes = try file.read(Int(size - start), at: start)
        report.scannedBytes += Int64(bytes.count)
        segment.add(framesOf: bytes, indexInterval: options.indexInterval)
        if segment.length < size {
            if isLast {
                // Behind the last whole frame lies a write that was never acknowledged: an acknowledged one was synchronised whole.
                try file.truncate(to: segment.length)
                report.truncated[path] = size - segment.length
            } else {
                segment.isSealed = true
                report.damaged.append(path)
            }
        }
        try file.synchronise()
        segment.durableLength = segment.length
        return (segment, header)
    }

    /// A file without a whole header was never acknowledged when it is tiny; a larger one is kept for a human.
    private mutating func discardHeadless(_ path: String, size: Int64) throws(FileFailure) {
        if size <= 1 << 13 {
            try files.remove(path)
            report.truncated[path] = size
        } else {
            try files.rename(path, to: path + ".damaged")
            report.damaged.append(path + ".damaged")
        }
    }

    private func read(_ path: String) throws(FileFailure) -> [UInt8] {
        let file = try files.open(path)
        return try file.read(Int(try file.size), at: 0)
    }
}

extension SegmentState {
    /// Takes note of the whole frames at the start of `bytes`, which follow what the segment holds; stops at the first torn one.
    mutating func add(framesOf bytes: [UInt8], indexInterval: Int64) {
        var offset = 0
        while let (kind, content) = Frame.body(in: bytes, at: offset) {
            guard kind == .events, let batch = EventBatch(bytes, content) else { return }
            add(batch, frameLength: Int64(content.upperBound - offset), indexInterval: indexInterval)
            offset = content.upperBound
        }
    }
}
