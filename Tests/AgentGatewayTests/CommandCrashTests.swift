import AWSProtocols
import AgentProtocol
import Engine
import TestSupport
import Testing

@testable import AgentGateway

/// What takes several commits goes on at the next start when a crash comes between two of them.
@Suite struct CommandCrashTests {
    @Test("a cancel that a crash cut off is finished: nothing of the command begins")
    func cancel() async throws {
        var room = try await ServerRoom()
        var agents: [AgentDouble] = []
        for _ in 0..<2 { agents.append(try await room.enrolledAgent()) }
        let command = try await room.send("x", to: agents.map(\.instance), ["MaxConcurrency": "1"])
        room.database.failOnce(.crashBefore, atBatch: 2)
        _ = try? await room.call("CancelCommand", ["CommandId": .string(command)])
        room = try await room.restarted()
        #expect(try await room.status(command, agents[0].instance) == "Pending")
        await room.coordinator.takeUp()
        for agent in agents { #expect(try await room.status(command, agent.instance) == "Cancelled") }
        await room.remove()
    }

    @Test("a deregistration that a crash cut off is finished: what ran there is lost")
    func deregistration() async throws {
        var room = try await ServerRoom()
        var agent = try await room.enrolledAgent()
        try await agent.greet()
        let command = try await room.send("x", to: [agent.instance])
        _ = try await agent.report(.claim(AgentDouble.attempt(command)))
        room.database.failOnce(.crashBefore, atBatch: 2)
        _ = try? await room.call("DeregisterManagedInstance", ["InstanceId": .string(agent.instance)])
        room = try await room.restarted()
        #expect(try await room.status(command, agent.instance) == "InProgress")
        await room.coordinator.takeUp()
        #expect(try await room.invocation(command, agent.instance).string("StatusDetails") == "Unreachable")
        await room.remove()
    }

    @Test("an end whose next turn a crash prevented is made up for")
    func turn() async throws {
        var room = try await ServerRoom()
        var agents: [AgentDouble] = []
        for _ in 0..<2 {
            var agent = try await room.enrolledAgent()
            try await agent.greet()
            agents.append(agent)
        }
        let command = try await room.send("x", to: agents.map(\.instance), ["MaxConcurrency": "1"])
        let first = try #require(try await agents[0].offers().isEmpty ? agents[1] : agents[0])
        let attempt = try AgentDouble.attempt(command)
        _ = try await first.report(.claim(attempt))
        room.database.failOnce(.crashAfter, atBatch: 1)
        let report = Report(messages: [first.exit(attempt, 0)]).bytes
        _ = try await first.send(first.request("POST", AgentRoute.report, session: first.session, body: report))
        room = try await room.restarted()
        #expect(try await room.status(command, first.instance) == "Success")
        await room.coordinator.takeUp()
        var second = try #require(agents.first { $0.instance != first.instance })
        second.room = room
        try await second.greet()
        #expect(try await second.offers().map(\.attempt) == [attempt])
        await room.remove()
    }
}
