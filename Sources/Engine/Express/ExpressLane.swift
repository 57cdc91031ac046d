import StatesInterpreter
import Store
import Threading

/// What a lane of Express executions is told.
enum ExpressMessage: Sendable {
    /// Begin an execution.
    case begin(ExpressExecution, input: JSONDocument, place: ExpressPlace)
    /// Go on with an execution whose first turn ran elsewhere.
    case adopt(ExpressExecution, ExpressTurn, place: ExpressPlace)
    /// A task of an execution had this outcome.
    case outcome(ExecutionID, StepInput)
}

/// An execution's place in memory, and who is told of its end.
struct ExpressPlace: Sendable {
    /// The bytes that it was let in with.
    let bytes: Int
    /// True when a caller waits for its outcome.
    let isAwaited: Bool
    /// Called once: with the outcome, or with the reason why there will be none.
    let end: @Sendable (Result<ExpressResult, EngineError>) -> Void
}

/// A thread that runs Express executions.
///
/// Those that use one whole turn after the other move to a lane of their own kind, which stands behind all other threads: a loop takes
/// what the others leave of the processors.
final class ExpressLane: Sendable {
    private let mailbox: Mailbox<ExpressMessage>
    private let thread: DedicatedThread

    /// A lane that runs what its callers leave to it.
    ///
    /// - Parameter loops: the lane of those that loop; it has to end after this one. Nil for that lane itself.
    init(name: String, dependencies: ExpressDependencies, loops: ExpressLane?) {
        let mailbox = Mailbox<ExpressMessage>()
        self.mailbox = mailbox
        thread = DedicatedThread(name: name, stackSize: 64 << 20) {
            if loops == nil { DedicatedThread.standBack(by: 10) }
            var handOver: (@Sendable (ExpressMessage) -> Bool)?
            if let loops { handOver = { message in loops.post(message) } }
            let scheduler = ExpressScheduler(
                dependencies: dependencies, post: { message in mailbox.post(message) }, handOver: handOver)
            while let messages = mailbox.drain(timeoutMilliseconds: scheduler.pause) {
                for message in messages { scheduler.handle(message) }
                scheduler.fireTimers()
                scheduler.takeTurn()
            }
            scheduler.abandon()
        }
    }

    /// Gives the lane a message. Answers false when the lane has ended.
    @discardableResult
    func post(_ message: ExpressMessage) -> Bool {
        mailbox.post(message)
    }

    /// Lets the lane end after what it was given.
    func close() {
        mailbox.close()
    }

    /// Blocks until the thread has ended.
    func join() {
        thread.join()
    }
}

/// What a lane of Express executions works with.
struct ExpressDependencies: Sendable {
    let configuration: ExpressConfiguration
    let clock: EngineClock
    let performer: any EffectPerformer
    let effects: TaskQueue
    let admission: ExpressAdmission
    let incarnation: Int64
}
