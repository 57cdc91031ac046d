import Testing
import TimeSource

@testable import FunctionRuntimes

@Suite struct HandOverTests {
    @Test func theFirstValueOfALatchWins() async {
        let latch = Latch<Int>()
        #expect(latch.value == nil)
        #expect(latch.resolve(1))
        #expect(!latch.resolve(2))
        #expect(await latch.wait() == 1)
    }

    @Test func aLatchExpiresAtItsDeadlineAndNotBefore() async {
        let clock = ManualClock()
        let latch = Latch<Int>()
        async let value = latch.wait(until: clock.monotonic + .seconds(3), on: clock) { latch.resolve(0) }
        await clock.sleepers(atLeast: 1)
        clock.advance(by: .milliseconds(2_999))
        #expect(latch.value == nil)
        clock.advance(by: .milliseconds(1))
        #expect(await value == 0)
    }

    @Test func aResolvedLatchLeavesNoSleeper() async {
        let clock = ManualClock()
        let latch = Latch<Int>()
        async let value = latch.wait(until: clock.monotonic + .seconds(3), on: clock) { Issue.record("expired") }
        await clock.sleepers(atLeast: 1)
        latch.resolve(1)
        #expect(await value == 1)
        #expect(clock.sleeperCount == 0)
    }

    @Test func jobsComeInOrderAndNoneIsLostAtTheEnd() async {
        let queue = JobQueue<Int>()
        #expect(queue.push(1))
        #expect(queue.push(2))
        queue.finish()
        #expect(!queue.push(3))
        #expect(await queue.next() == [1, 2])
        #expect(await queue.next() == [])
    }

    @Test func aWaitingTaskGetsTheNextJob() async {
        let queue = JobQueue<Int>()
        async let jobs = queue.next()
        queue.push(1)
        #expect(await jobs == [1])
    }
}
