import Glibc
import Synchronization

/// The reading end of the pipe that a process writes its output to, standard output and standard error alike, so that their order is kept.
final class ProcessOutput: Sendable {
    private let descriptor: Mutex<Int32>
    private let receive: @Sendable (ArraySlice<UInt8>) -> Void

    /// Takes over a descriptor that does not block.
    init(descriptor: Int32, receive: @escaping @Sendable (ArraySlice<UInt8>) -> Void) {
        self.descriptor = Mutex(descriptor)
        self.receive = receive
    }

    /// A pipe whose reading end does not block: the output and the descriptor for the process, which the caller closes.
    static func makePipe(
        receive: @escaping @Sendable (ArraySlice<UInt8>) -> Void
    ) throws(LaunchFailure) -> (output: ProcessOutput, writingEnd: Int32) {
        let pipe = try Pipe.open()
        _ = fcntl(pipe.readingEnd, F_SETFL, O_NONBLOCK)
        return (ProcessOutput(descriptor: pipe.readingEnd, receive: receive), pipe.writingEnd)
    }

    /// For poll; -1 when closed.
    var pollDescriptor: Int32 { descriptor.withLock { $0 } }

    /// Hands on what is there, without waiting. Returns false at the end of the stream.
    ///
    /// What the process wrote before it sent an answer is in the pipe when the answer is here, so that a call of this then
    /// finds it all. A process that writes faster than it is read does not hold the caller for ever.
    @discardableResult
    func drain() -> Bool {
        descriptor.withLock { descriptor in
            guard descriptor >= 0 else { return false }
            var block = [UInt8](repeating: 0, count: 65_536)
            for _ in 0..<16 {
                let count = read(descriptor, &block, block.count)
                if count < 0, errno == EINTR { continue }
                if count < 0 { return errno == EAGAIN }
                if count == 0 { return false }
                receive(block.prefix(count))
            }
            return true
        }
    }

    /// Hands on what is there and closes the pipe.
    func finish() {
        drain()
        descriptor.withLock { descriptor in
            if descriptor >= 0 { close(descriptor) }
            descriptor = -1
        }
    }
}

/// A pipe whose ends no program inherits by accident.
struct Pipe {
    /// Where bytes come out.
    let readingEnd: Int32
    /// Where bytes go in.
    let writingEnd: Int32

    /// Opens a pipe. (`pipe2` is not visible from Swift; children get no descriptors but those named for them anyway.)
    static func open() throws(LaunchFailure) -> Pipe {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw LaunchFailure(stage: .other("pipe"), code: errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return Pipe(readingEnd: ends[0], writingEnd: ends[1])
    }
}
