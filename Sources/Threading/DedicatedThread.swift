#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// An operating-system thread of our own, for work that blocks (SQLite, file synchronisation) or must not be interleaved
/// (an engine lane). Such work never runs on Swift's cooperative pool.
package final class DedicatedThread: Sendable {
    private let finished = Mailbox<Never>()

    /// Starts a thread that runs `body` to its end.
    ///
    /// - Parameters:
    ///   - name: shown by `ps -L` and debuggers; cut to 15 bytes by the kernel.
    ///   - stackSize: in bytes; deep recursion over user data (JSON, definitions) needs more than the default of other systems.
    package init(name: String, stackSize: Int = 8 << 20, _ body: @escaping @Sendable () -> Void) {
        let start = Start(name: name) { [finished] in
            body()
            finished.close()
        }
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, stackSize)
        var thread = pthread_t()
        let code = pthread_create(&thread, &attributes, DedicatedThread.main, Unmanaged.passRetained(start).toOpaque())
        pthread_attr_destroy(&attributes)
        guard code == 0 else { preconditionFailure("pthread_create failed with \(code): the process has no thread left") }
    }

    /// Blocks the calling thread until the body has returned. Never call it from Swift's cooperative pool.
    package func join() {
        while finished.drain() != nil {}
    }

    /// Lets the calling thread stand behind the others of this machine by so many steps of niceness, for as long as it lives. On
    /// Linux niceness is a thread's own; that of a thread may grow without any right.
    package static func standBack(by niceness: Int32) {
        // PRIO_PROCESS, whose type differs between C libraries; and 0 for the caller.
        setpriority(0, 0, niceness)
    }

    private final class Start {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    private static let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { raw in
        guard let raw else { return nil }
        let start = Unmanaged<Start>.fromOpaque(raw).takeRetainedValue()
        setName(start.name)
        start.body()
        return nil
    }

    /// The kernel takes a thread's name by this file as well as by a call that the C library hides behind a feature macro.
    private static func setName(_ name: String) {
        guard let file = fopen("/proc/thread-self/comm", "w") else { return }
        fputs(String(name.prefix(15)), file)
        fclose(file)
    }
}
