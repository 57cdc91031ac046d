import Synchronization

/// Reads the bytes of an object, which may lie in several files; one piece is read while the last one is sent.
package final class ObjectReader: Sendable {
    /// A file of an object.
    package struct Segment: Sendable, Hashable {
        /// Its id.
        package let file: String
        /// How many bytes.
        package let length: Int64

        /// A file of this length.
        package init(file: String, length: Int64) {
            self.file = file
            self.length = length
        }
    }

    private struct Open {
        let index: Int
        let file: FileDescriptor
    }

    private static let pieceSize = 512 << 10

    private let owner: String
    private let segments: [Segment]
    /// Where each segment begins.
    private let starts: [Int64]
    private let folder: ObjectFolder
    private let pool: WorkPool
    private let removal: FileRemoval
    /// The file that was read last.
    private let current = Mutex<Open?>(nil)

    /// A reader of files that are held for it.
    init(owner: String, segments: [Segment], folder: ObjectFolder, pool: WorkPool, removal: FileRemoval) {
        self.owner = owner
        self.segments = segments
        self.folder = folder
        self.pool = pool
        self.removal = removal
        var starts: [Int64] = []
        var next: Int64 = 0
        for segment in segments {
            starts.append(next)
            next += segment.length
        }
        self.starts = starts
    }

    deinit {
        removal.release(owner)
    }

    /// Opens the first file.
    func checkFirst() async throws(ObjectFileError) {
        guard !segments.isEmpty else { return }
        try await pool.run { [self] () throws(ObjectFileError) in _ = try file(0) }
    }

    /// Up to `count` bytes from an offset on: fewer at the end of a file or piece, none at the end of the object.
    package func read(at offset: Int64, count: Int64) async throws(ObjectFileError) -> [UInt8] {
        guard count > 0, let index = segment(at: offset) else { return [] }
        let segment = segments[index]
        let within = offset - starts[index]
        let wanted = Int(min(count, Int64(ObjectReader.pieceSize), segment.length - within))
        return try await pool.run { [self] () throws(ObjectFileError) in
            let bytes = try file(index).bytes(at: within, count: wanted)
            guard bytes.count == wanted else { throw .failed("a file of an object is shorter than it was written") }
            return bytes
        }
    }

    /// Sends a range of the bytes, in order.
    package func send(_ range: Range<Int64>, to sink: ([UInt8]) async throws -> Void) async throws {
        var piece = try await read(at: range.lowerBound, count: range.upperBound - range.lowerBound)
        var next = range.lowerBound
        while !piece.isEmpty {
            next += Int64(piece.count)
            let offset = next
            async let following = read(at: offset, count: range.upperBound - offset)
            try await sink(piece)
            piece = try await following
        }
    }

    /// The last segment that begins at or before an offset; nil behind the end.
    private func segment(at offset: Int64) -> Int? {
        guard let last = segments.last, let lastStart = starts.last, offset >= 0, offset < lastStart + last.length else { return nil }
        var low = 0
        var high = starts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= offset { low = middle } else { high = middle }
        }
        return low
    }

    private func file(_ index: Int) throws(ObjectFileError) -> FileDescriptor {
        if let open = current.withLock({ $0 }), open.index == index { return open.file }
        let file = try FileDescriptor(reading: folder.file(segments[index].file))
        current.withLock { $0 = Open(index: index, file: file) }
        return file
    }
}
