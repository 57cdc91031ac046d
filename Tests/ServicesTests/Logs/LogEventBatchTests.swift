import AWSProtocols
import Testing
import TimeSource

@testable import Services

@Suite("Batches of log events") struct LogEventBatchTests {
    private static let now = Timestamp(seconds: 2_000_000_000)
    private static let hour: Int64 = 3_600
    private static let day: Int64 = 86_400

    /// A batch of events so many seconds from now.
    private func batch(_ seconds: [Int64], retentionInDays: Int? = nil) throws(APIError) -> LogEventBatch {
        let events: [APIStructure] = seconds.map {
            ["timestamp": .integer(LogEventBatchTests.now.milliseconds + $0 * 1_000), "message": "m"]
        }
        return try LogEventBatch(events, now: LogEventBatchTests.now, retentionInDays: retentionInDays)
    }

    @Test func allOfAnOrdinaryBatchIsAccepted() throws {
        let batch = try batch([-60, -60, 0, 7_200])
        #expect(batch.accepted.count == 4)
        #expect(batch.rejection == nil)
    }

    @Test func tooNewOnesAreNamedByTheFirst() throws {
        let batch = try batch([0, 7_200, 7_201, 7_300])
        #expect(batch.accepted.count == 2)
        #expect(batch.tooNewStart == 2)
        #expect(batch.tooOldEnd == nil)
    }

    @Test func tooOldOnesAreNamedByTheEnd() throws {
        let edge = -14 * LogEventBatchTests.day
        let batch = try batch([edge - 2, edge - 1, edge])
        #expect(batch.accepted.count == 1)
        #expect(batch.tooOldEnd == 2)
        #expect(batch.expiredEnd == nil)
    }

    @Test func whatTheRetentionNoLongerKeepsIsExpired() throws {
        let batch = try batch([-LogEventBatchTests.day - 1, -LogEventBatchTests.day], retentionInDays: 1)
        #expect(batch.accepted.count == 1)
        #expect(batch.expiredEnd == 1)
        #expect(batch.tooOldEnd == nil)
    }

    @Test func nothingMayRemain() throws {
        let batch = try batch([-15 * LogEventBatchTests.day], retentionInDays: 3)
        #expect(batch.accepted.isEmpty)
        #expect(batch.tooOldEnd == 1)
        #expect(batch.expiredEnd == 1)
    }

    @Test func disorderIsRefused() {
        let error = #expect(throws: APIError.self) { try batch([0, -1]) }
        #expect(error?.message == "Log events in a single PutLogEvents request must be in chronological order.")
    }

    @Test func moreThanADayIsRefused() throws {
        #expect(try batch([-LogEventBatchTests.day, 0]).accepted.count == 2)
        let error = #expect(throws: APIError.self) { try batch([-LogEventBatchTests.day - 1, 0]) }
        #expect(error?.message == "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.")
    }

    @Test func moreThanAMebibyteIsRefused() throws {
        func batch(_ size: Int) throws -> LogEventBatch {
            let event: APIStructure = [
                "timestamp": .integer(LogEventBatchTests.now.milliseconds), "message": .string(String(repeating: "x", count: size)),
            ]
            return try LogEventBatch([event], now: LogEventBatchTests.now, retentionInDays: nil)
        }
        #expect(try batch(1_048_576 - 26).accepted.count == 1)
        let error = #expect(throws: APIError.self) { try batch(1_048_576 - 25) }
        #expect(error?.message == "Upload too large: 1048577 bytes exceeds limit of 1048576")
    }
}
