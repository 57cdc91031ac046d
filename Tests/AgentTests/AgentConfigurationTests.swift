import Testing
import TimeSource

@testable import Agent

/// Configuration and delays.
@Suite struct AgentConfigurationTests {
    @Test func everyProblemIsNamedAtOnce() {
        var configuration = AgentConfiguration(serverURL: "nightshift", dataDirectory: "")
        configuration.activationID = "only"
        configuration.capacity = 0
        configuration.spoolQuotaBytes = 1
        configuration.segmentBytes = 1
        configuration.tags = [(name: "a", value: "1"), (name: "a", value: "2"), (name: "", value: "")]
        let error = #expect(throws: AgentConfigurationError.self) { try configuration.validated() }
        #expect(error?.problems.count == 8)
    }

    @Test func theDefaultsAreValid() throws {
        let configuration = try AgentConfiguration(serverURL: "https://server:7070", dataDirectory: "/x").validated()
        #expect(configuration.capacity >= 12)
    }

    @Test func delaysGrowToTheLastOneAndBeginAgain() {
        var backoff = Backoff(range: .milliseconds(100) ... .seconds(2), random: SeededRandomSource(seed: 1))
        var delays = (0..<40).map { _ in backoff.next() }
        #expect(delays.allSatisfy { $0 >= .milliseconds(50) && $0 <= .seconds(2) })
        #expect(delays[0] <= .milliseconds(100))
        #expect(delays.suffix(30).allSatisfy { $0 >= .seconds(1) })
        backoff.reset()
        delays = [backoff.next()]
        #expect(delays[0] <= .milliseconds(100))
    }
}
