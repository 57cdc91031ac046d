/// Cuts a stream of bytes into log messages at line feeds.
///
/// A line longer than CloudWatch Logs takes is cut. A carriage return inside a line becomes a line feed: Python's Runtime
/// Interface Client joins the lines of a traceback with them so that they stay one message.
struct LineSplitter: Sendable {
    /// Most bytes of one message: CloudWatch Logs' limit of 256 KB for an event, its 26 bytes of overhead taken off.
    static let longestMessage = 262_118

    private var partial: [UInt8] = []

    /// The messages that `bytes` completes, each with its line feed.
    mutating func append(_ bytes: some Sequence<UInt8>) -> [String] {
        var messages: [String] = []
        for byte in bytes {
            partial.append(byte)
            if byte == UInt8(ascii: "\n") || partial.count == Self.longestMessage { messages.append(take()) }
        }
        return messages
    }

    /// What is left without a line feed, which it gets; nil when nothing is.
    mutating func finish() -> String? {
        guard !partial.isEmpty else { return nil }
        partial.append(UInt8(ascii: "\n"))
        return take()
    }

    private mutating func take() -> String {
        defer { partial.removeAll(keepingCapacity: true) }
        let last = partial.endIndex - 1
        if last > 0, partial[last] == UInt8(ascii: "\n"), partial[last - 1] == UInt8(ascii: "\r") { partial.remove(at: last - 1) }
        for index in partial.indices where partial[index] == UInt8(ascii: "\r") { partial[index] = UInt8(ascii: "\n") }
        return String(decoding: partial, as: UTF8.self)
    }
}
