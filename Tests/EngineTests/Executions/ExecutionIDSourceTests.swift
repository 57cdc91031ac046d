import Store
import Testing
import TimeSource

@testable import Engine

@Suite struct ExecutionIDSourceTests {
    private let noon = Timestamp(milliseconds: 1_767_225_600_000)

    @Test func numbersGrowThoughTheWallClockGoesBack() {
        var source = ExecutionIDSource(after: nil)
        let ids = [noon, noon, noon - .seconds(3600), noon + .milliseconds(1), noon].map { source.next(arn: "a", startedAt: $0) }
        #expect(ids == ids.sorted() && Set(ids).count == ids.count)
        #expect(ids[0].givenAt == noon && ids[3].givenAt == noon + .milliseconds(1))
    }

    @Test func aLaterLifeGivesNoNumberOfAnEarlierOneAgain() {
        var earlier = ExecutionIDSource(after: nil)
        let given = (0..<5_000).map { earlier.next(arn: "\($0)", startedAt: noon) }
        var later = ExecutionIDSource(after: given.max())
        let again = (0..<5_000).map { later.next(arn: "\($0)", startedAt: noon - .seconds($0 % 2 == 0 ? 0 : 7200)) }
        #expect(Set(given).union(again).count == 10_000)
        #expect(zip(given, again).allSatisfy { $0 < $1 })
    }

    @Test func withinAMillisecondNumbersCountOnIntoTheNext() {
        var source = ExecutionIDSource(after: nil)
        let ids = (0..<4_097).map { _ in source.next(arn: "a", startedAt: noon) }
        #expect(ids == ids.sorted() && Set(ids).count == 4_097)
        #expect(ids[4_096].givenAt == noon + .milliseconds(1))
    }
}
