import Testing

@testable import Services

@Suite("Billed durations") struct BilledDurationTests {
    @Test(arguments: [(0, 100), (1, 100), (100, 100), (101, 200), (455, 500), (490, 500), (300_000, 300_000)] as [(Int64, Int64)])
    func tenthsOfASecondThatWereBegunAreBilled(_ milliseconds: Int64, _ billed: Int64) {
        #expect(ExecutionService.billedDuration(milliseconds) == billed)
    }
}
