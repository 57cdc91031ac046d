import CSpawn
import Glibc
import Synchronization

/// One thread that starts processes, reads their output and waits for their end.
///
/// Linux kills a child (PDEATHSIG) when the *thread* ends that started it, not only when the server does; hence a thread of its own that
/// lives as long as any child. It starts with the first process and ends after `stop`, when the last one has ended.
final class ProcessKeeper: Sendable {
    fileprivate struct Order: Sendable {
        var launch: ProcessLaunch
        var output: ProcessOutput
        var writingEnd: Int32
        var started: @Sendable (Result<pid_t, LaunchFailure>) -> Void
        var ended: @Sendable (ProcessExit) -> Void
    }

    private struct Child {
        var session: ProcessSession
        var pidfd: Int32
        var output: ProcessOutput
        var outputIsOpen = true
        var ended: @Sendable (ProcessExit) -> Void
    }

    fileprivate struct State {
        var orders: [Order] = []
        /// Those that were started and not yet waited for: their numbers belong to nobody else.
        var alive: Set<pid_t> = []
        var wakeEnd: Int32 = -1
        var isRunning = false
        var isStopping = false
    }

    private let state = Mutex(State())

    /// A keeper without processes or a thread.
    init() {}

    /// Starts a process. `ended` is called once it was waited for, its whole session is dead and its output was handed on.
    func start(
        _ launch: ProcessLaunch,
        receive: @escaping @Sendable (ArraySlice<UInt8>) -> Void,
        ended: @escaping @Sendable (ProcessExit) -> Void
    ) async throws(LaunchFailure) -> (pid: pid_t, output: ProcessOutput) {
        let (output, writingEnd) = try ProcessOutput.makePipe(receive: receive)
        let result = await withCheckedContinuation { continuation in
            enqueue(
                Order(launch: launch, output: output, writingEnd: writingEnd, started: { continuation.resume(returning: $0) }, ended: ended)
            )
        }
        return (try result.get(), output)
    }

    /// Kills a process and its group, if it has not been waited for. The rest of its session dies when that is seen.
    func kill(_ pid: pid_t) {
        state.withLock { state in
            guard state.alive.contains(pid) else { return }
            Glibc.kill(-pid, SIGKILL)
        }
    }

    /// Lets the thread end after the last process.
    func stop() {
        state.withLock { state in
            state.isStopping = true
            state.wake()
        }
    }

    private func enqueue(_ order: Order) {
        let problem = state.withLock { state -> LaunchFailure? in
            if !state.isRunning {
                do throws(LaunchFailure) {
                    let pipe = try Pipe.open()
                    for end in [pipe.readingEnd, pipe.writingEnd] { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
                    guard startThread(wakePipe: pipe.readingEnd) else { throw LaunchFailure(stage: .other("thread"), code: EAGAIN) }
                    state.wakeEnd = pipe.writingEnd
                } catch {
                    return error
                }
                state.isRunning = true
            }
            state.orders.append(order)
            state.wake()
            return nil
        }
        if let problem {
            close(order.writingEnd)
            order.output.finish()
            order.started(.failure(problem))
        }
    }

    // MARK: - The thread

    private func startThread(wakePipe: Int32) -> Bool {
        final class Start {
            let keeper: ProcessKeeper
            let wakePipe: Int32
            init(_ keeper: ProcessKeeper, _ wakePipe: Int32) { (self.keeper, self.wakePipe) = (keeper, wakePipe) }
        }
        let start = Unmanaged.passRetained(Start(self, wakePipe))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { preconditionFailure("the thread is given its start") }
                let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                start.keeper.run(wakePipe: start.wakePipe)
                return nil
            }, start.toOpaque())
        guard code == 0 else {
            start.release()
            return false
        }
        pthread_detach(thread)
        return true
    }

    private func run(wakePipe: Int32) {
        var children: [Child] = []
        while true {
            let orders = state.withLock { state -> [Order]? in
                if state.orders.isEmpty, state.isStopping, children.isEmpty {
                    state.isRunning = false
                    close(state.wakeEnd)
                    state.wakeEnd = -1
                    return nil
                }
                defer { state.orders = [] }
                return state.orders
            }
            guard let orders else { break }
            for order in orders {
                if let child = begin(order) { children.append(child) }
            }
            wait(for: &children, wakePipe: wakePipe)
        }
        close(wakePipe)
    }

    private func begin(_ order: Order) -> Child? {
        defer { close(order.writingEnd) }
        do {
            let (pid, pidfd) = try order.launch.start(output: order.writingEnd)
            state.withLock { _ = $0.alive.insert(pid) }
            // Not waited for yet, so it is still there to be read, as a zombie at least.
            let session = ProcessSession(leader: pid) ?? ProcessSession(leader: pid, startTime: 0)
            order.started(.success(pid))
            return Child(session: session, pidfd: pidfd, output: order.output, ended: order.ended)
        } catch {
            order.output.finish()
            order.started(.failure(error))
            return nil
        }
    }

    /// Waits until something happens and deals with it.
    private func wait(for children: inout [Child], wakePipe: Int32) {
        var polls = [pollfd(fd: wakePipe, events: Int16(POLLIN), revents: 0)]
        for child in children {
            polls.append(pollfd(fd: child.pidfd, events: Int16(POLLIN), revents: 0))
            polls.append(pollfd(fd: child.outputIsOpen ? child.output.pollDescriptor : -1, events: Int16(POLLIN), revents: 0))
        }
        // Without pidfds (before Linux 5.3) the children have to be looked at.
        let interval: Int32 = children.contains { $0.pidfd < 0 } ? 20 : -1
        guard poll(&polls, nfds_t(polls.count), interval) >= 0 else { return }
        if polls[0].revents != 0 {
            var bytes = [UInt8](repeating: 0, count: 64)
            while read(wakePipe, &bytes, bytes.count) > 0 {}
        }
        for index in children.indices where polls[2 + 2 * index].revents != 0 {
            children[index].outputIsOpen = children[index].output.drain()
        }
        var remaining: [Child] = []
        for (index, child) in children.enumerated() {
            let hasEnded =
                child.pidfd >= 0
                ? polls[1 + 2 * index].revents != 0 : ProcFileSystem.status(of: child.session.leader)?.state == UInt8(ascii: "Z")
            if hasEnded { reap(child) } else { remaining.append(child) }
        }
        children = remaining
    }

    /// What the process started dies with it, before its number is given up by waiting for it.
    private func reap(_ child: Child) {
        child.session.kill()
        var status: Int32 = 0
        var signal: Int32 = 0
        state.withLock { state in
            _ = cspawn_wait(child.session.leader, 0, &status, &signal)
            state.alive.remove(child.session.leader)
        }
        if child.pidfd >= 0 { close(child.pidfd) }
        child.output.finish()
        child.ended(signal != 0 ? .signal(signal) : .status(status))
    }
}

extension ProcessKeeper.State {
    /// A full pipe wakes as well as a new byte.
    fileprivate func wake() {
        guard wakeEnd >= 0 else { return }
        _ = write(wakeEnd, "w", 1)
    }
}
