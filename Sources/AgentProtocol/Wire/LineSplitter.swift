/// Cuts a stream of bytes into lines, however it is chopped on its way.
package struct LineSplitter: Sendable {
    private var pending: [UInt8] = []
    private let limit: Int

    /// A line longer than `limit` bytes ends the stream with an error.
    package init(limit: Int = Report.byteLimit) {
        self.limit = limit
    }

    /// Takes the next bytes and answers the lines that are now complete, without their newlines and without empty ones.
    package mutating func take(_ bytes: [UInt8]) throws(WireError) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        for byte in bytes {
            if byte != 0x0A {
                pending.append(byte)
                if pending.count > limit { throw WireError(member: "", expected: "a line of at most \(limit) bytes") }
            } else if !pending.isEmpty {
                lines.append(pending)
                pending.removeAll(keepingCapacity: true)
            }
        }
        return lines
    }
}
