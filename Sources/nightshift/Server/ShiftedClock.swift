#if DEBUG
    import Foundation
    import Synchronization
    import TimeSource

    /// For crash tests, in debug builds only: a wall clock that the operator sets while the server runs. The file that
    /// `NIGHTSHIFT_CLOCK_OFFSET_FILE` names holds the seconds by which it is ahead of the machine's. The time since boot is the machine's.
    struct ShiftedClock: ClockSource {
        private struct Offset {
            var milliseconds: Int64 = 0
            var readAt: MonotonicInstant?
        }

        private final class Cache: Sendable {
            let offset = Mutex(Offset())
        }

        /// How long the file is believed.
        private static let refresh = Duration.milliseconds(5)

        private let base: any ClockSource
        private let file: String
        private let cache = Cache()

        /// The clock itself unless the environment names a file.
        static func wrap(_ base: any ClockSource) -> any ClockSource {
            guard let file = ProcessInfo.processInfo.environment["NIGHTSHIFT_CLOCK_OFFSET_FILE"] else { return base }
            return ShiftedClock(base: base, file: file)
        }

        private init(base: any ClockSource, file: String) {
            self.base = base
            self.file = file
        }

        var now: Timestamp {
            let monotonic = base.monotonic
            let offset = cache.offset.withLock { offset in
                if offset.readAt.map({ monotonic - $0 >= ShiftedClock.refresh }) ?? true {
                    offset.readAt = monotonic
                    // A file that is being replaced or is not there yet changes nothing.
                    if let text = try? String(contentsOfFile: file, encoding: .utf8),
                        let seconds = Int64(text.trimmingCharacters(in: .whitespacesAndNewlines))
                    {
                        offset.milliseconds = seconds * 1_000
                    }
                }
                return offset.milliseconds
            }
            return Timestamp(milliseconds: base.now.milliseconds + offset)
        }

        var monotonic: MonotonicInstant { base.monotonic }

        func sleep(until deadline: MonotonicInstant) async throws {
            try await base.sleep(until: deadline)
        }
    }
#endif
