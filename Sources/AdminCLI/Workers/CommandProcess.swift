import CSpawn
import Glibc
import Synchronization
import Threading

/// One running command: started, read and waited for by a thread of its own.
///
/// The thread lives exactly as long as the command, since the kernel kills a child with the thread that started it.
final class CommandProcess: Sendable {
    /// Where the command's output goes.
    enum Output: Sendable {
        /// To the worker's own streams, untouched.
        case inherited
        /// Line by line to whoever shows them.
        case lines(@Sendable (_ line: [UInt8], _ isError: Bool) -> Void)
    }

    private struct State {
        /// Nil before the start and once it was waited for: its number belongs to nobody else in between.
        var pid: pid_t?
        /// A signal that came before the start.
        var early: Int32?
        var wasSignalled = false
    }

    private let state = Mutex(State())

    /// Starts the command with these bytes on its standard input.
    /// - Parameter ended: called once, on the command's thread, when it has been waited for and its output was handed on.
    init(
        _ command: WorkerCommand, environment: [String: String], input: [UInt8], output: Output,
        ended: @escaping @Sendable (CommandEnd) -> Void
    ) {
        let body: @Sendable () -> Void = { [self] in ended(run(command, environment, input, output)) }
        // 256 KiB: the thread polls and copies; a pool may have hundreds.
        _ = DedicatedThread(name: "worker", stackSize: 256 << 10, body)
    }

    /// Sends a signal to its whole process group, unless it has ended.
    func signal(_ number: Int32) {
        state.withLock { state in
            state.wasSignalled = true
            if let pid = state.pid { kill(-pid, number) } else { state.early = number }
        }
    }

    // MARK: - The thread

    private func run(_ command: WorkerCommand, _ environment: [String: String], _ input: [UInt8], _ output: Output) -> CommandEnd {
        let body = cspawn_memory_file("message", input, input.count)
        guard body >= 0 else { return LaunchProblem(stage: "body", code: errno).end }
        var streams: [OutputPipe] = []
        defer { for stream in streams { stream.close() } }
        do throws(LaunchProblem) {
            if case .lines(let show) = output {
                for isError in [false, true] { streams.append(try OutputPipe { show($0, isError) }) }
            }
            defer {
                close(body)
                for stream in streams { stream.closeWritingEnd() }
            }
            let (pid, pidfd) = try command.start(
                environment: environment, input: body, output: streams.first?.writingEnd ?? STDOUT_FILENO,
                errors: streams.last?.writingEnd ?? STDERR_FILENO)
            state.withLock { state in
                state.pid = pid
                if let early = state.early { kill(-pid, early) }
            }
            for stream in streams { stream.closeWritingEnd() }
            return wait(pid, pidfd, streams)
        } catch {
            return error.end
        }
    }

    private func wait(_ pid: pid_t, _ pidfd: Int32, _ streams: [OutputPipe]) -> CommandEnd {
        defer { if pidfd >= 0 { close(pidfd) } }
        while true {
            var waits = streams.map { pollfd(fd: $0.polledEnd, events: Int16(POLLIN), revents: 0) }
            waits.append(pollfd(fd: pidfd, events: Int16(POLLIN), revents: 0))
            // Without pidfds (Linux before 5.3) somebody has to look.
            poll(&waits, nfds_t(waits.count), pidfd >= 0 ? -1 : 50)
            for (stream, seen) in zip(streams, waits) where seen.revents != 0 { stream.read() }
            if pidfd < 0 || waits[waits.count - 1].revents != 0, let end = reap(pid, pidfd >= 0 ? 0 : WNOHANG) {
                // Descendants may hold the pipes open for ever: what is there is read, and no more is waited for.
                for stream in streams { stream.drain() }
                return end
            }
        }
    }

    /// Waits for the command that has ended, under the lock, so that no signal reaches whoever gets its number next.
    private func reap(_ pid: pid_t, _ options: Int32) -> CommandEnd? {
        state.withLock { state in
            // Of a command that was told to end nothing may stay behind.
            if state.wasSignalled, options == 0 { kill(-pid, SIGKILL) }
            var code: Int32 = -1
            var number: Int32 = 0
            guard cspawn_wait(pid, options, &code, &number) == pid else { return nil }
            state.pid = nil
            return number == 0 ? .exited(code) : .signalled(number)
        }
    }
}
