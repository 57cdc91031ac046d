import Synchronization
import Testing

@testable import TimeSource

@Suite struct ManualClockTests {
    /// Collects what tasks report, in order, and lets a test wait for it without polling.
    private final class Journal: Sendable {
        let entries: AsyncStream<String>
        private let input: AsyncStream<String>.Continuation

        init() {
            (entries, input) = AsyncStream.makeStream()
        }

        func note(_ text: String) { input.yield(text) }
    }

    @Test func advancingMovesBothClocks() {
        let clock = ManualClock(now: .epoch)
        clock.advance(by: .milliseconds(1_500))
        #expect(clock.now == Timestamp(milliseconds: 1_500))
        #expect(clock.monotonic == MonotonicInstant(nanoseconds: 1_500_000_000))
    }

    @Test func smallStepsAddUpToMilliseconds() {
        let clock = ManualClock(now: .epoch)
        for _ in 0..<10 { clock.advance(by: .microseconds(300)) }
        #expect(clock.now == Timestamp(milliseconds: 3))
    }

    @Test func sleepersWakeAtTheirDeadlineAndNotBefore() async throws {
        let clock = ManualClock(now: .epoch)
        let journal = Journal()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for delay in [3, 1, 2] {
                group.addTask {
                    try await clock.sleep(for: .seconds(delay))
                    journal.note("woke after \(delay) s")
                }
            }
            await clock.sleepers(atLeast: 3)
            var woken = journal.entries.makeAsyncIterator()
            for delay in 1...3 {
                clock.advance(by: .milliseconds(999))
                #expect(clock.sleeperCount == 4 - delay)
                clock.advance(by: .milliseconds(1))
                #expect(await woken.next() == "woke after \(delay) s")
            }
            try await group.waitForAll()
        }
    }

    @Test func aDeadlineInThePastDoesNotSleep() async throws {
        let clock = ManualClock()
        clock.advance(by: .seconds(5))
        try await clock.sleep(until: MonotonicInstant(nanoseconds: 1))
        #expect(clock.sleeperCount == 0)
    }

    @Test func cancellingWakesTheSleeperWithAnError() async {
        let clock = ManualClock()
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                do {
                    try await clock.sleep(for: .seconds(60))
                    return false
                } catch {
                    return error is CancellationError
                }
            }
            await clock.sleepers(atLeast: 1)
            group.cancelAll()
            #expect(await group.next() == true)
        }
        #expect(clock.sleeperCount == 0)
    }

    @Test func settingTheWallClockLeavesSleepersAlone() async throws {
        let clock = ManualClock(now: .epoch)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await clock.sleep(for: .seconds(1)) }
            await clock.sleepers(atLeast: 1)
            clock.setWallClock(to: Timestamp(seconds: 1_000_000))
            #expect(clock.sleeperCount == 1)
            clock.advance(by: .seconds(1))
            try await group.waitForAll()
        }
        #expect(clock.now == Timestamp(seconds: 1_000_001))
    }

    @Test func theLiveClockRunsForwards() async throws {
        let clock = LiveClock()
        let before = clock.monotonic
        try await clock.sleep(for: .milliseconds(1))
        #expect(clock.monotonic - before >= .milliseconds(1))
        #expect(clock.now > Timestamp(seconds: 1_700_000_000))
    }
}
