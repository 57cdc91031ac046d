import Glibc

/// A pipe for one output stream of a command, cut into lines. Used by the command's thread alone.
final class OutputPipe {
    /// Longer lines are shown in parts.
    private static let longestLine = 64 << 10

    private let readingEnd: Int32
    /// The command's end; -1 once it is closed here.
    private(set) var writingEnd: Int32
    private var isOpen = true
    private var rest: [UInt8] = []
    private let show: ([UInt8]) -> Void

    /// A pipe whose lines go to `show`.
    init(_ show: @escaping ([UInt8]) -> Void) throws(LaunchProblem) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw LaunchProblem(stage: "output", code: errno) }
        (readingEnd, writingEnd) = (ends[0], ends[1])
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(readingEnd, F_SETFL, O_NONBLOCK)
        self.show = show
    }

    /// What to poll: nothing, once the stream has ended.
    var polledEnd: Int32 { isOpen ? readingEnd : -1 }

    /// Reads what has come; at the end of the stream the descriptor is not polled any more.
    func read() {
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        let count = chunk.withUnsafeMutableBytes { Glibc.read(readingEnd, $0.baseAddress, $0.count) }
        guard count > 0 else {
            if count == 0 || errno != EAGAIN && errno != EINTR { isOpen = false }
            return
        }
        for byte in chunk[..<count] {
            if byte == UInt8(ascii: "\n") {
                show(rest)
                rest.removeAll(keepingCapacity: true)
            } else {
                rest.append(byte)
                if rest.count == OutputPipe.longestLine {
                    show(rest)
                    rest.removeAll(keepingCapacity: true)
                }
            }
        }
    }

    /// Reads all that is there, and shows a last line without a line break.
    func drain() {
        var waiting = pollfd(fd: readingEnd, events: Int16(POLLIN), revents: 0)
        // At most what a pipe holds: a descendant that writes on and on is not followed.
        for _ in 0..<64 where isOpen && poll(&waiting, 1, 0) == 1 { read() }
        if !rest.isEmpty { show(rest) }
        rest = []
    }

    /// Closes the command's end, which the command has a copy of.
    func closeWritingEnd() {
        if writingEnd >= 0 { Glibc.close(writingEnd) }
        writingEnd = -1
    }

    /// Closes both ends.
    func close() {
        closeWritingEnd()
        Glibc.close(readingEnd)
    }
}
