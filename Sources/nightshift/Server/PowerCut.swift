#if DEBUG
    import CPowerCut
    import Foundation

    /// For crash tests, in debug builds only: makes the death of this process a power cut for SQLite's files, as
    /// `NIGHTSHIFT_POWER_CUT` says: `lost` (what was not synchronised is gone), `torn:SEED` (a part of it has reached the disk, in
    /// any order) or `lying` (the disk synchronises nothing, so that tests must find loss).
    enum PowerCut {
        /// Puts the layer under SQLite. Before any database is opened.
        static func install() {
            let setting = (ProcessInfo.processInfo.environment["NIGHTSHIFT_POWER_CUT"] ?? "").split(separator: ":")
            let point = CrashPoint.fromEnvironment.flatMap { CrashPoint.fileEvents.contains($0.event) ? $0 : nil }
            let mode: nightshift_power_cut_mode
            switch setting.first {
            case "lost": mode = NIGHTSHIFT_POWER_CUT_LOST
            case "torn": mode = NIGHTSHIFT_POWER_CUT_TORN
            case "lying": mode = NIGHTSHIFT_POWER_CUT_LYING
            default:
                guard point != nil else { return }
                mode = NIGHTSHIFT_POWER_CUT_NONE
            }
            let seed = setting.count > 1 ? UInt64(setting[1]) ?? 0 : 0
            let code = nightshift_power_cut_install("power-cut", mode, seed, 1)
            precondition(code == 0, "a test that asked for power cuts must not run without them (SQLite's error \(code))")
            if let point { nightshift_power_cut_die_at(point.event, point.count) }
        }
    }
#endif
