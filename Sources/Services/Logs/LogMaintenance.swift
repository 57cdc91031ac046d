package import Engine
package import LogStorage
package import Logging
import ServiceLifecycle
package import TimeSource

/// Keeps a log store in order as long as the server runs: every hour it removes what the groups' retentions no longer keep.
///
/// Whoever opened the store closes it, after everything that writes logs has ended.
package struct LogMaintenance: Service {
    /// How often expired events are removed.
    static let interval = Duration.seconds(3_600)

    private let store: LogStore
    private let clock: any ClockSource
    private let hold: HoldGate
    private let logger: Logger

    /// The maintenance of a store.
    package init(store: LogStore, clock: any ClockSource, hold: HoldGate = HoldGate(), logger: Logger) {
        self.store = store
        self.clock = clock
        self.hold = hold
        self.logger = logger
    }

    /// Runs until the server stops.
    package func run() async {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await clock.sleep(for: LogMaintenance.interval)
                } catch {
                    return
                }
                if !hold.isHeld { await prune() }
            }
        }
    }

    private func prune() async {
        do throws(LogStoreError) {
            let report = try await store.prune(now: clock.now)
            guard report.segments > 0 || report.streams > 0 else { return }
            logger.info(
                "removed expired log events",
                metadata: ["segments": "\(report.segments)", "streams": "\(report.streams)", "bytes": "\(report.bytes)"])
        } catch {
            logger.warning("expired log events could not be removed", metadata: ["error": "\(error)"])
        }
    }
}
