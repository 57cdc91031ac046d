package import TimeSource

extension WorkerPlan {
    /// How the pool works.
    package struct Settings: Hashable, Sendable {
        /// How many commands run at once.
        package var concurrency = 1
        /// For FIFO queues: one message a call, so that those behind it in its group wait in the queue until it is deleted.
        package var takesOneAtATime = false
        /// How long a received message stays hidden unless that is extended.
        package var visibility: Duration = .seconds(30)
        /// How long a message stays hidden after its command failed.
        package var retryDelay: Duration = .zero
        /// How long commands may go on after the first signal; nil for as long as they need.
        package var grace: Duration?
        /// Take so many messages and end; nil for no end.
        package var limit: Int?
        /// End when the queue has nothing to give and nothing runs.
        package var endsWhenEmpty = false
        /// How long to wait after an empty answer: nothing when the call itself waits.
        package var emptyPause: Duration = .zero

        /// The defaults.
        package init() {}
    }

    /// What becomes of a message.
    package enum Settlement: Hashable, Sendable {
        /// Its work is done.
        case delete
        /// It is visible again after so long.
        case release(Duration)
    }

    /// How a settlement went.
    package enum SettlementResult: Hashable, Sendable {
        /// The queue took it.
        case done
        /// The queue refused it, for good.
        case refused(String)
        /// The server did not answer until the worker had to end.
        case unanswered
    }

    /// What happened.
    package enum Event: Hashable, Sendable {
        /// The pool begins.
        case begun
        /// The call for messages answered.
        case received([QueueMessage])
        /// The call for messages failed in a way that may pass.
        case receiveFailed
        /// The call for messages was refused: no such queue, no such key.
        case receiveRefused
        /// A command ended.
        case ended(job: Int, CommandEnd)
        /// A message stays hidden, counted from this instant.
        case extended(job: Int, from: MonotonicInstant)
        /// That failed; `isLost` when the receipt handle is not valid any more.
        case extensionFailed(job: Int, isLost: Bool)
        /// A settlement is over.
        case settled(job: Int, SettlementResult)
        /// SIGTERM or SIGINT.
        case stopAsked
        /// `nextWake` has come.
        case woken
    }

    /// What is to be done.
    package enum Action: Hashable, Sendable {
        /// Ask for messages.
        case receive(count: Int)
        /// Give up the outstanding call for messages.
        case abandonReceive
        /// Start the command with a message.
        case start(job: Int, QueueMessage)
        /// Keep a message hidden for so many seconds from now.
        case extend(job: Int, receiptHandle: String, seconds: Int)
        /// Delete or release a message, again and again until the server answers.
        case settle(job: Int, receiptHandle: String, Settlement)
        /// Send a signal to a command's process group: SIGKILL when forced, else SIGTERM.
        case signal(job: Int, isForced: Bool)
        /// Try settlements once more and no longer.
        case hurry
        /// Tell the operator.
        case tell(WorkerReport)
        /// Nothing is left to be done.
        case end
    }
}
