/// Cuts a stream of bytes into lines, one log event each.
///
/// A line ends at LF; a CR before it is dropped. What follows the last LF waits for more, or for `finish`. A line longer than the
/// limit becomes several, cut between UTF-8 characters. Empty lines are returned too.
package struct LineAssembler: Sendable {
    /// What CloudWatch Logs once took as the largest event, 256 KiB with 26 bytes of overhead; longer events are split by the agents.
    package static let defaultMaximumLineLength = 262_144 - 26

    private let maximumLineLength: Int
    private var pending: [UInt8] = []

    /// How many of the bytes that were put in are covered by the lines that came out. A sender may forget those, and only those.
    package private(set) var completedBytes: Int64 = 0

    /// An assembler at the beginning of a source.
    ///
    /// - Parameters:
    ///   - maximumLineLength: in bytes, at least 4.
    ///   - offset: where in the source it begins, when earlier lines were taken before.
    package init(maximumLineLength: Int = defaultMaximumLineLength, startingAt offset: Int64 = 0) {
        self.maximumLineLength = max(4, maximumLineLength)
        completedBytes = offset
    }

    /// Bytes that wait for the end of their line.
    package var pendingCount: Int { pending.count }

    /// Takes the next bytes and returns the lines that they complete.
    package mutating func append(_ bytes: some Sequence<UInt8>) -> [[UInt8]] {
        // Only what is new can hold a line's end, however long the line is already.
        var searchStart = pending.count
        pending.append(contentsOf: bytes)
        var lines: [[UInt8]] = []
        var lineStart = 0
        while true {
            let limit = min(pending.count, lineStart + maximumLineLength + 1)
            if let end = pending[max(searchStart, lineStart)..<max(limit, lineStart, searchStart)].firstIndex(of: 0x0A) {
                lines.append(Self.line(pending[lineStart..<end]))
                lineStart = end + 1
            } else if pending.count - lineStart > maximumLineLength {
                let end = Self.characterBoundary(in: pending, atMost: lineStart + maximumLineLength, after: lineStart)
                lines.append(Array(pending[lineStart..<end]))
                lineStart = end
            } else {
                break
            }
            searchStart = lineStart
        }
        pending.removeSubrange(..<lineStart)
        completedBytes += Int64(lineStart)
        return lines
    }

    /// Ends the source: returns the last line when it had no LF.
    package mutating func finish() -> [UInt8]? {
        guard !pending.isEmpty else { return nil }
        let line = Self.line(pending[...])
        completedBytes += Int64(pending.count)
        pending = []
        return line
    }

    private static func line(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        Array(bytes.last == 0x0D ? bytes.dropLast() : bytes)
    }

    /// The largest index up to `limit` that no continuation byte stands at; `limit` itself where the bytes are no UTF-8.
    private static func characterBoundary(in bytes: [UInt8], atMost limit: Int, after start: Int) -> Int {
        var index = limit
        while index > start, limit - index < 4 {
            if bytes[index] & 0xC0 != 0x80 { return index }
            index -= 1
        }
        return limit
    }
}
