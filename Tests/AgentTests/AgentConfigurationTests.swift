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

    @Test("a server on another host is spoken to by TLS only, unless that is asked for")
    func plainServers() throws {
        func problems(_ url: String, isInsecure: Bool = false) -> [String] {
            var configuration = AgentConfiguration(serverURL: url, dataDirectory: "/x")
            configuration.isInsecure = isInsecure
            do throws(AgentConfigurationError) {
                _ = try configuration.validated()
                return []
            } catch {
                return error.problems
            }
        }
        for url in ["http://127.0.0.1:7070", "http://localhost:7070/", "http://[::1]:7070", "http://127.9.9.9", "https://server:7070"] {
            #expect(problems(url).isEmpty, "\(url)")
        }
        let others = [
            "http://server:7070", "http://10.0.0.1", "http://127.0.0.1.example:7070", "http://127.0.0.1@server/", "http://localhost.example/",
            "http://[::2]:7070", "http://127.1",
        ]
        for url in others {
            #expect(problems(url).count == 1, "\(url)")
            #expect(problems(url, isInsecure: true).isEmpty, "\(url)")
        }
    }
}
