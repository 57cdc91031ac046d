import AgentProtocol
import Logging
import Testing
import TimeSource

@testable import Agent

/// The whole agent over real HTTP.
@Suite struct HTTPConversationTests {
    private let directory = TemporaryDirectory()
    private let server = ServerDouble()

    private func withAgent<Result: Sendable>(
        ahead: Int64 = 0, prepare: @Sendable (HTTPServerDouble) async -> Void = { _ in },
        _ body: @Sendable (HTTPServerDouble) async throws -> Result
    ) async throws -> Result {
        try await HTTPServerDouble.serving(server, ahead: ahead, now: { LiveClock().now.milliseconds }) { http in
            var configuration = AgentConfiguration(serverURL: http.url + "/", dataDirectory: "\(directory.path)/agent")
            configuration.activationID = "activation"
            configuration.activationCode = "right"
            configuration.reconnectDelay = .milliseconds(5) ... .milliseconds(20)
            let service = AgentService(
                configuration: configuration, logger: Logger(label: "agent") { _ in SwiftLogNoOpLogHandler() })
            return try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                do {
                    try await service.run()
                } catch {
                    Issue.record(error)
                    await server.giveUp()
                }
            }
                let result = try await body(http)
                group.cancelAll()
                return result
            }
        }
    }

    @Test func aSignedConversationRunsACommand() async throws {
        let attempt = await server.order("hello", "echo 'ü' ; exit 4")
        let outcome = try await withAgent { http in
            let outcome = await http.server.outcome(of: attempt)
            #expect(http.refused == [])
            return outcome
        }
        #expect(outcome?.steps.map(\.exitCode) == [4], "\(String(describing: outcome))")
        #expect(await server.text(attempt) == "ü\n")
    }

    @Test func anAgentWhoseClockIsWrongSignsByTheServersClock() async throws {
        let attempt = await server.order("skewed", "true")
        try await withAgent(ahead: 3_600_000) { http in
            #expect(await http.server.outcome(of: attempt)?.steps.map(\.exitCode) == [0])
            #expect(Set(http.refused) == [.clockSkew])
        }
    }

    @Test func aStreamThatEndsIsFollowedByANewSession() async throws {
        try await withAgent { http in
            await http.server.until { $0.isConnected }
            await http.server.disconnect(away: true)
            await http.server.comeBack()
            let attempt = await http.server.order("after", "echo again")
            #expect(await http.server.outcome(of: attempt)?.steps.map(\.exitCode) == [0])
            #expect(await http.server.sessions.count >= 2)
        }
    }

    @Test func largeOutputGoesInManyReports() async throws {
        let attempt = await server.order("large", "head -c 5000000 /dev/urandom | od -An -tx1 -v | head -c 5000000")
        try await withAgent { http in
            #expect(await http.server.outcome(of: attempt)?.steps.first?.stdoutBytes == 5_000_000)
        }
        #expect(await server.text(attempt).utf8.count == 5_000_000)
    }
}
