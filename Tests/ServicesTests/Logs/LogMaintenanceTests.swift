import AWSProtocols
import LogStorage
import Logging
import Testing
import TimeSource

@testable import Services

@Suite("Maintenance of logs") struct LogMaintenanceTests {
    @Test func everyHourExpiredStreamsGo() async throws {
        let story = try await LogStory.withStream()
        try await story.call("PutRetentionPolicy", ["logGroupName": "g", "retentionInDays": 1])
        try await story.put(["old"])
        let maintenance = LogMaintenance(
            store: story.store, clock: story.clock, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        let clock = story.clock
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await maintenance.run() }
            // A round is over when the service sleeps again.
            for _ in 0..<50 {
                await clock.sleepers(atLeast: 1)
                clock.advance(by: LogMaintenance.interval)
            }
            await clock.sleepers(atLeast: 1)
            group.cancelAll()
        }
        #expect(try story.store.stream("s", in: LogGroupName(account: LogStory.account, name: "g")) == nil)
    }
}
