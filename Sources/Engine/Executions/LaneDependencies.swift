import Logging
import Store

/// What a lane works with.
struct LaneDependencies: Sendable {
    let configuration: EngineConfiguration
    let database: any Database
    let clock: EngineClock
    let keys: EngineKeys
    let performer: any EffectPerformer
    let loader: ExecutionLoader
    let timers: TimerQueue
    /// Effects run here.
    let effects: TaskQueue
    /// Reads and pauses run here, apart from the effects: those may take hours, and as many at a time as there is room for.
    let reads: TaskQueue
    let incarnation: Int64
    /// The store is lost to this process: it must end.
    let fail: @Sendable (StoreError) -> Void
    let logger: Logger
}
