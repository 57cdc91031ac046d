import Store
import Testing
import TimeSource

@testable import Engine

@Suite("What the store refused") struct RefusedTurnsTests {
    @Test func eachRefusalDoublesTheDelayUpToAMinute() {
        #expect((1...9).map { RefusedTurns.delay(after: $0) } == [1, 2, 4, 8, 16, 32, 60, 60, 60].map { .seconds($0) })
        #expect(RefusedTurns.delay(after: 1_000_000) == .seconds(60))
    }

    @Test func somebodyWakesForTheNextThatIsDueAndForNothingElse() {
        var refused = RefusedTurns()
        let start = MonotonicInstant(nanoseconds: 0)
        let ids = (0..<3).map { ExecutionID(value: $0) }
        let wakes = zip(ids, [10, 20, 5]).map { id, seconds in refused.append(.load(id), due: start + .seconds(seconds)) }
        #expect(wakes == [true, false, true])
        var (due, wakesAt) = refused.takeDue(start + .seconds(5))
        #expect(due.count == 1)
        #expect(wakesAt == start + .seconds(10))
        // The one who was to wake up for the first refusal comes too.
        (due, wakesAt) = refused.takeDue(start + .seconds(10))
        #expect(due.count == 1)
        #expect(wakesAt == start + .seconds(20))
        (due, wakesAt) = refused.takeDue(start + .seconds(20))
        #expect(due.count == 1)
        #expect(wakesAt == nil)
    }

    @Test func failedReadsAreCountedForEachExecution() {
        var refused = RefusedTurns()
        let (one, other) = (ExecutionID(value: 1), ExecutionID(value: 2))
        let counts = [one, one, other, one].map { refused.countFailure(ofLoading: $0) }
        #expect(counts == [1, 2, 1, 3])
        refused.forgetFailures(ofLoading: one)
        let again = refused.countFailure(ofLoading: one)
        #expect(again == 1)
    }
}
