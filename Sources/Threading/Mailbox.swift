#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A queue of messages for one thread, which takes all that wait at once.
///
/// `post` never blocks; who posts is bounded by what it awaits in answer.
///
/// `@unchecked`: `messages` and `isClosed` are only touched with `mutex` held; the two pthread objects live at a fixed address until deinit.
package final class Mailbox<Message: Sendable>: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var messages: [Message] = []
    private var isClosed = false

    /// An empty, open mailbox.
    package init() {
        mutex = .allocate(capacity: 1)
        condition = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Adds a message. Answers false, and drops the message, when the mailbox is closed.
    @discardableResult
    package func post(_ message: Message) -> Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard !isClosed else { return false }
        messages.append(message)
        if messages.count == 1 { pthread_cond_signal(condition) }
        return true
    }

    /// Blocks until there are messages and takes them all, in order; nil when the mailbox is closed and empty.
    package func drain() -> [Message]? {
        drain(timeoutMilliseconds: nil)
    }

    /// As `drain()`, but returns an empty list when nothing came in time.
    package func drain(timeoutMilliseconds: Int?) -> [Message]? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        var deadline = timespec()
        if let timeoutMilliseconds {
            clock_gettime(CLOCK_MONOTONIC, &deadline)
            let nanoseconds = deadline.tv_nsec + (timeoutMilliseconds % 1000) * 1_000_000
            deadline.tv_sec += timeoutMilliseconds / 1000 + nanoseconds / 1_000_000_000
            deadline.tv_nsec = nanoseconds % 1_000_000_000
        }
        while messages.isEmpty {
            if isClosed { return nil }
            if timeoutMilliseconds == nil {
                pthread_cond_wait(condition, mutex)
            } else if pthread_cond_timedwait(condition, mutex, &deadline) == ETIMEDOUT, messages.isEmpty {
                return isClosed ? nil : []
            }
        }
        let taken = messages
        messages = []
        messages.reserveCapacity(Swift.min(taken.count, 1024))
        return taken
    }

    /// Refuses further messages and lets the reader end once it took what is there.
    package func close() {
        pthread_mutex_lock(mutex)
        isClosed = true
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
    }
}
