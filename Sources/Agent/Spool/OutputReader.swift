import AgentProtocol
import Glibc

/// Reads the frames of an attempt's output segments in order, as far as they are complete, and deletes what was delivered.
///
/// A frame that does not check is either being written or the torn end of a crash: reading stops before it. Only in a segment
/// that has a successor is it damage, and the rest of that segment is skipped.
struct OutputReader {
    /// A place in the segments, before which everything was read.
    struct Position: Equatable, Comparable {
        var segment: Int
        var offset: Int

        static func < (left: Position, right: Position) -> Bool {
            (left.segment, left.offset) < (right.segment, right.offset)
        }
    }

    static let headerSize = 28
    static let largestPayload = 64 * 1024
    /// Frames of one stream that were written this close together travel as one chunk.
    static let mergeWithinMilliseconds: Int64 = 100

    private let attempt: AttemptID
    private let path: String
    /// Everything before it was acknowledged.
    private(set) var delivered: Position
    /// How far the server has each stream; frames below that are not sent again.
    private var known: [OutputStream: Int64] = [:]

    /// A reader that begins at the oldest segment there is.
    init(directory: SpoolDirectory) {
        attempt = directory.attempt
        path = directory.path
        let oldest = PosixFile.list(path).compactMap(Self.segmentNumber).min() ?? 1
        delivered = Position(segment: oldest, offset: 0)
    }

    /// The next chunks from `delivered` on, about `limit` bytes, and the place behind them.
    func read(limit: Int) throws(SystemError) -> (chunks: [OutputChunk], end: Position) {
        var chunks: [OutputChunk] = []
        var position = delivered
        var rest = limit
        while rest > 0 {
            // Before reading: once a successor exists, nothing is appended to this segment any more.
            let isSealed = PosixFile.exists(segmentPath(position.segment + 1))
            let bytes = try bytes(at: position, count: max(rest, Self.headerSize + Self.largestPayload))
            let used = take(bytes, into: &chunks, rest: &rest)
            position.offset += used
            if used > 0 { continue }
            guard isSealed else { break }
            position = Position(segment: position.segment + 1, offset: 0)
        }
        return (chunks, position)
    }

    /// Whether bytes lie behind `delivered`, perhaps not yet a whole frame. Cheap enough to ask often.
    func mayHaveMore() -> Bool {
        var status = stat()
        guard stat(segmentPath(delivered.segment), &status) == 0 else { return false }
        return Int(status.st_size) > delivered.offset || PosixFile.exists(segmentPath(delivered.segment + 1))
    }

    /// Whether there is nothing from `delivered` on. For an attempt that ended: a torn frame counts as nothing.
    func isDelivered() throws(SystemError) -> Bool {
        let (chunks, end) = try read(limit: 1)
        return chunks.isEmpty && end == delivered
    }

    /// The server has everything before `end`. Deletes segments that are over.
    mutating func deliver(to end: Position) {
        while delivered.segment < end.segment {
            unlink(segmentPath(delivered.segment))
            delivered = Position(segment: delivered.segment + 1, offset: 0)
        }
        delivered = max(delivered, end)
    }

    /// The server says how far it has a stream, perhaps farther than this reader knows after a restart.
    mutating func acknowledge(_ stream: OutputStream, offset: Int64) {
        known[stream] = max(known[stream] ?? 0, offset)
    }

    private func take(_ bytes: [UInt8], into chunks: inout [OutputChunk], rest: inout Int) -> Int {
        var used = 0
        while rest > 0, let frame = Frame(bytes, at: used) {
            used += frame.size
            // Known bytes cost nothing to send, but bound the work of one read all the same.
            rest -= frame.size
            guard let stream = frame.stream, frame.offset + Int64(frame.payload.count) > known[stream] ?? 0 else { continue }
            append(frame, stream, bytes[frame.payload], to: &chunks)
        }
        return used
    }

    private func append(_ frame: Frame, _ stream: OutputStream, _ payload: ArraySlice<UInt8>, to chunks: inout [OutputChunk]) {
        if let last = chunks.last, last.stream == stream, last.offset + Int64(last.bytes.count) == frame.offset,
            last.bytes.count + payload.count <= Self.largestPayload,
            frame.writtenAt - last.writtenAtMilliseconds <= Self.mergeWithinMilliseconds
        {
            chunks[chunks.count - 1].bytes.append(contentsOf: payload)
            return
        }
        chunks.append(
            OutputChunk(
                attempt: attempt, stream: stream, offset: frame.offset, writtenAtMilliseconds: frame.writtenAt,
                bytes: Array(payload)))
    }

    private func bytes(at position: Position, count: Int) throws(SystemError) -> [UInt8] {
        let file = open(segmentPath(position.segment), O_RDONLY | O_CLOEXEC)
        if file < 0, errno == ENOENT { return [] }
        guard file >= 0 else { throw SystemError("open \(segmentPath(position.segment))") }
        defer { close(file) }
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, length in
            while length < count {
                let got = pread(file, buffer.baseAddress?.advanced(by: length), count - length, off_t(position.offset + length))
                if got < 0, errno == EINTR { continue }
                if got < 0 { failure = errno }
                if got <= 0 { return }
                length += got
            }
        }
        if failure != 0 { throw SystemError("read \(segmentPath(position.segment))", code: failure) }
        return bytes
    }

    private func segmentPath(_ number: Int) -> String {
        let digits = String(number)
        return "\(path)/out.\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits)"
    }

    private static func segmentNumber(_ name: String) -> Int? {
        name.hasPrefix("out.") ? Int(name.dropFirst(4)) : nil
    }
}

/// One frame of a segment; `spool.h` of the supervisor gives its layout.
private struct Frame {
    let stream: OutputStream?
    let offset: Int64
    let writtenAt: Int64
    /// Where the payload is in the bytes that the frame was read from.
    let payload: Range<Int>

    var size: Int { OutputReader.headerSize + payload.count }

    /// The frame that begins at `start`; nil when it is not whole or does not check.
    init?(_ bytes: [UInt8], at start: Int) {
        guard bytes.count - start > OutputReader.headerSize else { return nil }
        let fields = bytes.withUnsafeBytes { raw -> (length: Int, crc: UInt32, offset: UInt64, at: Int64, step: UInt16, stream: UInt8) in
            (
                Int(UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: start, as: UInt32.self))),
                UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: start + 4, as: UInt32.self)),
                UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: start + 8, as: UInt64.self)),
                Int64(littleEndian: raw.loadUnaligned(fromByteOffset: start + 16, as: Int64.self)),
                UInt16(littleEndian: raw.loadUnaligned(fromByteOffset: start + 24, as: UInt16.self)), raw[start + 26]
            )
        }
        let first = start + OutputReader.headerSize
        guard (1...OutputReader.largestPayload).contains(fields.length), bytes.count - first >= fields.length else { return nil }
        let crc = bytes.withUnsafeBytes { Crc32.checksum(UnsafeRawBufferPointer(rebasing: $0[(start + 8)..<(first + fields.length)])) }
        guard crc == fields.crc, let offset = Int64(exactly: fields.offset) else { return nil }
        switch fields.stream {
        case 1: stream = OutputStream(step: Int(fields.step), kind: .stdout)
        case 2: stream = OutputStream(step: Int(fields.step), kind: .stderr)
        default: stream = nil
        }
        self.offset = offset
        writtenAt = fields.at
        payload = first..<(first + fields.length)
    }
}
