import Testing
import TimeSource

@testable import AdminCLI

/// A pool told as a story: what happens, and what it does about it.
private struct Pool {
    var plan: WorkerPlan
    var now = MonotonicInstant(nanoseconds: 0)

    init(_ change: (inout WorkerPlan.Settings) -> Void = { _ in }) {
        var settings = WorkerPlan.Settings()
        settings.visibility = .seconds(40)
        change(&settings)
        plan = WorkerPlan(settings)
    }

    mutating func after(_ duration: Duration, _ event: WorkerPlan.Event) -> [WorkerPlan.Action] {
        now = now + duration
        return plan.take(event, at: now)
    }

    mutating func after(_ event: WorkerPlan.Event) -> [WorkerPlan.Action] { after(.zero, event) }

    /// Lets time pass to the next instant that the plan waits for.
    mutating func wake() throws -> (after: Duration, actions: [WorkerPlan.Action]) {
        let next = try #require(plan.nextWake)
        let passed = next - now
        now = next
        return (passed, plan.take(.woken, at: next))
    }
}

private func message(_ name: String) -> QueueMessage { QueueMessage(id: name, receiptHandle: "handle-\(name)", body: name) }

private func outcome(_ actions: [WorkerPlan.Action]) -> WorkerOutcome? {
    for case .tell(.outcome(let outcome)) in actions { return outcome }
    return nil
}

struct WorkerPlanTests {
    private let a = message("a")
    private let b = message("b")
    private let c = message("c")

    @Test func asksForAsManyMessagesAsPlacesAreIdle() {
        var pool = Pool { $0.concurrency = 3 }
        #expect(pool.after(.begun) == [.receive(count: 3)])
        #expect(pool.after(.received([a, b])) == [.start(job: 1, a), .start(job: 2, b), .receive(count: 1)])
        #expect(pool.after(.received([c])) == [.start(job: 3, c)], "all places are taken")
    }

    @Test func neverAsksForMoreThanACallGives() {
        var pool = Pool { $0.concurrency = 50 }
        #expect(pool.after(.begun) == [.receive(count: 10)])
    }

    @Test func anIdlePlaceTakesTheNextMessageAtOnceAndWaitsForNoOther() {
        var pool = Pool { $0.concurrency = 2 }
        _ = pool.after(.begun)
        _ = pool.after(.received([a, b]))
        #expect(
            pool.after(.seconds(1), .ended(job: 2, .exited(0))) == [
                .settle(job: 2, receiptHandle: "handle-b", .delete), .receive(count: 1),
            ])
        let settled = pool.after(.settled(job: 2, .done))
        #expect(outcome(settled)?.duration == .seconds(1))
        #expect(outcome(settled)?.fate == "deleted")
    }

    @Test func fifoQueuesGiveOneMessageACall() {
        var pool = Pool {
            $0.concurrency = 4
            $0.takesOneAtATime = true
        }
        #expect(pool.after(.begun) == [.receive(count: 1)])
        #expect(pool.after(.received([a])) == [.start(job: 1, a), .receive(count: 1)])
    }

    @Test(arguments: [CommandEnd.exited(1), .exited(255), .signalled(9)])
    func aFailureReleasesTheMessageAtOnce(end: CommandEnd) {
        var pool = Pool()
        _ = pool.after(.begun)
        _ = pool.after(.received([a]))
        #expect(pool.after(.ended(job: 1, end)).first == .settle(job: 1, receiptHandle: "handle-a", .release(.zero)))
        #expect(pool.plan.failures == 1)
    }

    @Test func aFailureMayKeepTheMessageHiddenForAWhile() {
        var pool = Pool { $0.retryDelay = .seconds(90) }
        _ = pool.after(.begun)
        _ = pool.after(.received([a]))
        #expect(pool.after(.ended(job: 1, .exited(2))).first == .settle(job: 1, receiptHandle: "handle-a", .release(.seconds(90))))
        #expect(outcome(pool.after(.settled(job: 1, .done)))?.fate == "released for 90 s")
    }

    @Test func visibilityIsExtendedBeforeAThirdOfItIsOver() throws {
        var pool = Pool()
        _ = pool.after(.begun)
        _ = pool.after(.received([a]))
        let first = try pool.wake()
        #expect(first.after == .seconds(10))
        #expect(first.actions == [.extend(job: 1, receiptHandle: "handle-a", seconds: 40)])
        #expect(pool.plan.nextWake == nil, "an extension is under way")
        #expect(pool.after(.seconds(2), .extended(job: 1, from: pool.now)) == [])
        #expect(try pool.wake().after == .seconds(10 - 2))
    }

    @Test func anExtensionThatFailsIsTriedAgainAndOverdueIsToldOnce() throws {
        var pool = Pool { $0.visibility = .seconds(4) }
        _ = pool.after(.begun)
        _ = pool.after(.received([a]))
        var told = 0
        for _ in 0..<6 {
            #expect(try pool.wake().actions.contains(.extend(job: 1, receiptHandle: "handle-a", seconds: 4)))
            told += pool.after(.extensionFailed(job: 1, isLost: false)).filter { $0 == .tell(.visibilityOverdue(a)) }.count
        }
        #expect(told == 1)
        _ = pool.after(.extended(job: 1, from: pool.now))
        #expect(outcome(pool.after(.ended(job: 1, .exited(0))) + pool.after(.settled(job: 1, .done)))?.wasLost == false)
    }

    @Test func aLostVisibilityIsToldAndNotExtendedAgain() throws {
        var pool = Pool()
        _ = pool.after(.begun)
        _ = pool.after(.received([a]))
        _ = try pool.wake()
        #expect(pool.after(.extensionFailed(job: 1, isLost: true)) == [.tell(.visibilityLost(a))])
        #expect(pool.plan.nextWake == nil)
        // Its work is done all the same; whether the queue still knows the handle is the queue's to say.
        #expect(pool.after(.ended(job: 1, .exited(0))).first == .settle(job: 1, receiptHandle: "handle-a", .delete))
        #expect(outcome(pool.after(.settled(job: 1, .refused("ReceiptHandleIsInvalid"))))?.fate == "not deleted: ReceiptHandleIsInvalid")
    }

    @Test func aMessageIsHiddenForTwelveHoursAtMost() throws {
        var pool = Pool { $0.visibility = .seconds(36_000) }
        _ = pool.after(.begun)
        _ = pool.after(.received([a]))
        var extended: [Int] = []
        while pool.plan.nextWake != nil {
            let actions = try pool.wake().actions
            for case .extend(_, _, let seconds) in actions {
                extended.append(seconds)
                _ = pool.after(.extended(job: 1, from: pool.now))
            }
            if actions.contains(.tell(.visibilityAtLimit(a))) { break }
        }
        #expect(extended.first == 34_198, "9,000 s have passed, 2 s are kept for the way")
        #expect(pool.plan.nextWake == nil)
    }

    @Test func aServerThatIsAwayIsWaitedForWithGrowingPauses() throws {
        var pool = Pool()
        _ = pool.after(.begun)
        #expect(pool.after(.receiveFailed) == [.tell(.serverAway)])
        var pauses: [Duration] = []
        for _ in 0..<6 {
            let (pause, actions) = try pool.wake()
            pauses.append(pause)
            #expect(actions == [.receive(count: 1)])
            #expect(pool.after(.receiveFailed) == [])
        }
        #expect(pauses == [.milliseconds(250), .milliseconds(500), .seconds(1), .seconds(2), .seconds(4), .seconds(5)])
        _ = try pool.wake()
        #expect(pool.after(.received([a])) == [.tell(.serverBack), .start(job: 1, a)])
    }

    @Test func aRefusalEndsItWhenWhatRunsIsSettled() {
        var pool = Pool { $0.concurrency = 2 }
        _ = pool.after(.begun)
        _ = pool.after(.received([a]))
        #expect(pool.after(.receiveRefused) == [])
        _ = pool.after(.ended(job: 1, .exited(0)))
        #expect(pool.after(.settled(job: 1, .done)).last == .end)
    }

    // MARK: The end

    @Test func theFirstSignalLetsCommandsEndAndTakesNothingMore() throws {
        var pool = Pool { $0.concurrency = 2 }
        _ = pool.after(.begun)
        _ = pool.after(.received([a]))
        #expect(pool.after(.stopAsked) == [.tell(.stopping(running: 1))])
        let (pause, actions) = try pool.wake()
        #expect(pause == WorkerPlan.lastReceive)
        #expect(actions == [.abandonReceive])
        #expect(pool.after(.receiveFailed) == [])
        // The command runs for long, and its message stays hidden.
        #expect(try pool.wake().actions == [.extend(job: 1, receiptHandle: "handle-a", seconds: 40)])
        #expect(pool.after(.seconds(500), .ended(job: 1, .exited(0))) == [.settle(job: 1, receiptHandle: "handle-a", .delete)])
        #expect(pool.after(.settled(job: 1, .done)).last == .end)
    }

    @Test func whatALastCallBringsIsReleasedUntouched() {
        var pool = Pool()
        _ = pool.after(.begun)
        _ = pool.after(.stopAsked)
        #expect(pool.after(.received([a])) == [.settle(job: 1, receiptHandle: "handle-a", .release(.zero))])
        #expect(pool.after(.settled(job: 1, .done)).last == .end)
        #expect(pool.plan.failures == 0)
    }

    @Test func aSecondSignalEndsWhatRunsAndReleasesItAtOnce() throws {
        var pool = Pool { $0.retryDelay = .seconds(60) }
        _ = pool.after(.begun)
        _ = pool.after(.received([a]))
        _ = pool.after(.stopAsked)
        #expect(pool.after(.stopAsked) == [.tell(.terminating(running: 1)), .signal(job: 1, isForced: false), .hurry])
        #expect(try pool.wake().actions.contains(.signal(job: 1, isForced: true)), "SIGTERM was ignored for ten seconds")
        #expect(pool.after(.ended(job: 1, .signalled(9))) == [.settle(job: 1, receiptHandle: "handle-a", .release(.zero))])
        #expect(pool.after(.settled(job: 1, .unanswered)).last == .end)
    }

    @Test func theEndOfTheGraceIsLikeASecondSignal() throws {
        var pool = Pool { $0.grace = .seconds(5) }
        _ = pool.after(.begun)
        _ = pool.after(.received([a]))
        _ = pool.after(.stopAsked)
        let (pause, actions) = try pool.wake()
        #expect(pause == .seconds(5))
        #expect(actions.contains(.signal(job: 1, isForced: false)))
    }

    @Test func aThirdSignalKills() {
        var pool = Pool()
        _ = pool.after(.begun)
        _ = pool.after(.received([a]))
        for _ in 0..<2 { _ = pool.after(.stopAsked) }
        #expect(pool.after(.stopAsked) == [.signal(job: 1, isForced: true)])
    }

    @Test func aDeleteThatNobodyAnswersIsGivenUpHalfAMinuteAfterTheSignal() throws {
        var pool = Pool()
        _ = pool.after(.begun)
        _ = pool.after(.received([a]))
        _ = pool.after(.stopAsked)
        _ = pool.after(.ended(job: 1, .exited(0)))
        let (pause, actions) = try pool.wake()
        #expect(pause == WorkerPlan.settlementGrace)
        #expect(actions == [.hurry])
    }

    @Test func onceTakesOneMessage() {
        var pool = Pool {
            $0.concurrency = 5
            $0.limit = 1
        }
        #expect(pool.after(.begun) == [.receive(count: 1)])
        #expect(pool.after(.received([a])) == [.start(job: 1, a)])
        _ = pool.after(.ended(job: 1, .exited(3)))
        #expect(pool.after(.settled(job: 1, .done)).last == .end)
        #expect(pool.plan.failures == 1)
    }

    @Test func whoEndsWhenTheQueueIsEmptyWaitsForWhatRunsAndLooksAgain() throws {
        var pool = Pool {
            $0.concurrency = 2
            $0.endsWhenEmpty = true
        }
        _ = pool.after(.begun)
        _ = pool.after(.received([a]))
        #expect(pool.after(.received([])) == [], "no hot loop beside what runs")
        #expect(try pool.wake().actions == [.receive(count: 1)])
        _ = pool.after(.received([]))
        #expect(pool.after(.ended(job: 1, .exited(1))).count == 1)
        #expect(pool.after(.settled(job: 1, .done)).last == .receive(count: 2), "it was released, and comes again")
        #expect(pool.after(.received([])) == [.end])
    }

    @Test func anEmptyAnswerThatWasUnderWayWhenAMessageWasReleasedEndsNothing() {
        var pool = Pool { $0.endsWhenEmpty = true }
        _ = pool.after(.begun)
        _ = pool.after(.received([a]))
        #expect(pool.after(.ended(job: 1, .exited(1))).last == .receive(count: 1))
        _ = pool.after(.settled(job: 1, .done))
        #expect(pool.after(.received([])) == [.receive(count: 1)])
        #expect(pool.after(.received([])) == [.end])
    }

    @Test func withoutWaitingEmptyAnswersAreASecondApart() throws {
        var pool = Pool { $0.emptyPause = .seconds(1) }
        _ = pool.after(.begun)
        #expect(pool.after(.received([])) == [])
        #expect(try pool.wake().after == .seconds(1))
    }

    @Test func aProgramThatIsGoneEndsTheWorkerAndBlamesNoMessage() {
        var pool = Pool()
        _ = pool.after(.begun)
        _ = pool.after(.received([a]))
        let end = CommandEnd.notStarted(reason: "exec: No such file or directory", isHopeless: true)
        #expect(pool.after(.ended(job: 1, end)) == [.settle(job: 1, receiptHandle: "handle-a", .release(.zero))])
        #expect(pool.after(.settled(job: 1, .done)).last == .end)
    }
}
