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
    /// The largest id that an execution had at the start.
    let lastExecution: ExecutionID?
    /// Closed while restored data waits for its release.
    let hold: HoldGate
    let timers: TimerQueue
    /// Told how much waits to be read, so that timers and recovery bring no more than there is room for.
    let window: LoadWindow
    /// Where workers fetch the tasks of activities.
    let activities: ActivityQueues
    /// Hears of Map Runs that begin or are given up, and of their children's ends.
    let mapRuns: MapRunRegistry
    /// Effects run here.
    let effects: TaskQueue
    /// Reads and pauses run here, apart from the effects: those may take hours, and as many at a time as there is room for.
    let reads: TaskQueue
    /// Where the events go of machines that log; nil when nowhere.
    let log: ExecutionLogSink?
    /// Writes the events of executions that begin and end; nil when nobody can want them.
    let ownEvents: OwnEvents?
    /// The store is lost to this process: it must end.
    let fail: @Sendable (StoreError) -> Void
    let logger: Logger
}
