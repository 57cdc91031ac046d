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
    /// Loads, effects and pauses run here.
    let background: TaskQueue
    let incarnation: Int64
    /// The store is lost to this process: it must end.
    let fail: @Sendable (StoreError) -> Void
    let logger: Logger
}
