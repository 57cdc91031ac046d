import Dispatch
import Glibc
import Synchronization

/// Notices changes in the attempts' directories, by inotify(7): no look at the spool is needed while nothing happens there.
///
/// It is a hint and no more: the kernel may drop events, and some file systems send none. Whoever uses it looks now and then all the same.
final class SpoolWatch: Sendable {
    /// What has changed since it was asked last.
    enum News: Equatable {
        case directories(Set<Int32>)
        /// More than the kernel could remember.
        case everywhere
    }

    private static let changes = UInt32(IN_CREATE | IN_MODIFY | IN_MOVED_TO)
    private static let bufferBytes = 16 * 1024

    private let file: FileDescriptor
    // Dispatch's sources may be used from any thread but do not say so; after `init` this one is only cancelled.
    private nonisolated(unsafe) let source: any DispatchSourceRead
    private let news = Mutex<News>(.directories([]))

    /// Begins to watch nothing. nil where the kernel has no inotify left for this user.
    /// - Parameters:
    ///   - queue: where changes are noted.
    ///   - notify: called after they were noted.
    init?(queue: DispatchQueue, notify: @escaping @Sendable () -> Void) {
        let number = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
        guard number >= 0 else { return nil }
        file = FileDescriptor(number)
        source = DispatchSource.makeReadSource(fileDescriptor: number, queue: queue)
        source.setEventHandler { [weak self] in
            guard let self else { return }
            read()
            notify()
        }
        let file = file
        // The descriptor has to outlive the source.
        source.setCancelHandler { withExtendedLifetime(file) {} }
        source.activate()
    }

    deinit { source.cancel() }

    /// Watches a directory until it is removed. nil when that is not possible, as beyond the kernel's limit.
    func add(_ path: String) -> Int32? {
        let watch = inotify_add_watch(file.number, path, Self.changes | UInt32(IN_ONLYDIR))
        return watch >= 0 ? watch : nil
    }

    /// The news, once.
    func take() -> News {
        news.withLock { news in
            defer { news = .directories([]) }
            return news
        }
    }

    private func read() {
        var buffer = [UInt8](repeating: 0, count: Self.bufferBytes)
        var changed: Set<Int32> = []
        var isOverflowing = false
        while true {
            let count = Glibc.read(file.number, &buffer, buffer.count)
            guard count > 0 else { break }
            var offset = 0
            // struct inotify_event: wd, mask, cookie, len; then len bytes of name.
            while offset + 16 <= count {
                let (watch, mask, length) = buffer.withUnsafeBytes { raw in
                    (
                        raw.loadUnaligned(fromByteOffset: offset, as: Int32.self),
                        raw.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self),
                        raw.loadUnaligned(fromByteOffset: offset + 12, as: UInt32.self)
                    )
                }
                if mask & UInt32(IN_Q_OVERFLOW) != 0 { isOverflowing = true } else { changed.insert(watch) }
                offset += 16 + Int(length)
            }
        }
        news.withLock { news in
            switch news {
            case .directories(let former) where !isOverflowing: news = .directories(former.union(changed))
            default: news = .everywhere
            }
        }
    }
}
