#if DEBUG
    import Foundation

    /// For crash tests, in debug builds only: the place where the process kills itself, from `NIGHTSHIFT_CRASH_POINT`.
    ///
    /// `before-commit:7` is the seventh batch handed to the database, `after-commit:7` the seventh that is durable and of which nobody
    /// has heard, `read:7` the seventh read. Behind another colon stands a text: then only batches count in which a statement
    /// contains it, as in `before-commit:1:DELETE FROM outbox`. `checkpoint-write`, `wal-write` and `sync` are counted under SQLite;
    /// at `sync-error` the process lives on, with a fault of the disk. The first ones of a process are those of its start and recovery.
    struct CrashPoint: Sendable {
        /// What is counted.
        let event: String
        /// The number of the deadly one, from 1.
        let count: Int
        /// What a batch must mention to be counted; empty for any.
        let text: String

        /// The events that the layer under SQLite counts.
        static let fileEvents: Set = ["checkpoint-write", "wal-write", "sync", "sync-error"]

        /// The point that the environment names, nil for none.
        static let fromEnvironment: CrashPoint? = {
            let parts = (ProcessInfo.processInfo.environment["NIGHTSHIFT_CRASH_POINT"] ?? "")
                .split(separator: ":", maxSplits: 2).map(String.init)
            guard parts.count >= 2, let count = Int(parts[1]) else { return nil }
            return CrashPoint(event: parts[0], count: count, text: parts.count == 3 ? parts[2] : "")
        }()
    }
#endif
