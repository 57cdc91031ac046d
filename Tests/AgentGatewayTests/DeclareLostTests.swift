import AWSProtocols
import AgentProtocol
import Engine
import Testing
import TimeSource

@testable import AgentGateway

/// Nodes that an operator gives up, and those that come back all the same.
@Suite struct DeclareLostTests {
    private func running(_ room: ServerRoom) async throws -> (agent: AgentDouble, command: String, attempt: AttemptID) {
        var agent = try await room.enrolledAgent()
        try await agent.greet()
        let command = try await room.send("sleep 600", to: [agent.instance])
        let attempt = try AgentDouble.attempt(command)
        _ = try await agent.report(.claim(attempt), .started(attempt, startedAtMilliseconds: 1))
        return (agent, command, attempt)
    }

    @Test("what runs on a lost node is Failed with a sentence; what waits for it goes on waiting")
    func givenUp() async throws {
        let room = try await ServerRoom()
        let (agent, command, _) = try await running(room)
        let waiting = try await room.send("true", to: [agent.instance])
        #expect(try await room.coordinator.declareLost(node: agent.instance, account: "999999999999") == 0)
        #expect(try await room.coordinator.declareLost(node: agent.instance, account: ServerRoom.account) == 1)
        #expect(try await room.coordinator.declareLost(node: agent.instance, account: ServerRoom.account) == 0)
        let result = try await room.call(
            "GetCommandInvocation", ["CommandId": .string(command), "InstanceId": .string(agent.instance)])
        #expect(result.string("Status") == "Failed")
        #expect(result.string("StatusDetails") == "NodeLost")
        #expect(result.integer("ResponseCode") == -1)
        #expect(result.string("StandardErrorContent")?.contains("declared lost") == true)
        #expect(try await room.status(waiting, agent.instance) == "Pending")
        let listed = try await room.call("ListCommands", ["CommandId": .string(command)]).structures("Commands").first
        #expect(listed?.string("Status") == "Failed")
        #expect(listed?.integer("ErrorCount") == 1)
        await room.remove()
    }

    @Test("an agent that comes back is told to stop, is heard to the end, and changes nothing")
    func comesBack() async throws {
        var room = try await ServerRoom()
        var (agent, command, attempt) = try await running(room)
        try await room.coordinator.declareLost(node: agent.instance, account: ServerRoom.account)
        room = try await room.restarted()
        agent.room = room
        #expect(try await agent.greet([.init(attempt: attempt, state: .running)]) == [.cancel(attempt)])
        #expect(try await agent.report(.started(attempt, startedAtMilliseconds: 1)) == [.cancel(attempt)])
        let chunk = agent.chunk(attempt, .stdout, 0, "late\n")
        #expect(try await agent.report(.output(chunk)) == [.acknowledged(attempt, chunk.stream, offset: 5)])
        #expect(try await agent.greet([.init(attempt: attempt, state: .ended)]) == [])
        #expect(try await agent.report(agent.exit(attempt, 0)) == [.closed(attempt)])
        let result = try await room.call(
            "GetCommandInvocation", ["CommandId": .string(command), "InstanceId": .string(agent.instance)])
        #expect(result.string("StatusDetails") == "NodeLost")
        #expect(result.string("StandardOutputContent") == "")
        await room.remove()
    }

    @Test("a connected agent is told at once; one whose go was lost on the way runs nothing")
    func connected() async throws {
        let room = try await ServerRoom()
        let (agent, _, attempt) = try await running(room)
        _ = try await agent.offers()
        try await room.coordinator.declareLost(node: agent.instance, account: ServerRoom.account)
        #expect(try await room.coordinator.nextMessages(session: agent.session, node: agent.instance) == [.cancel(attempt)])

        var other = try await room.enrolledAgent()
        try await other.greet()
        let command = try await room.send("x", to: [other.instance])
        let granted = try AgentDouble.attempt(command)
        _ = try await other.report(.claim(granted))
        try await room.coordinator.declareLost(node: other.instance, account: ServerRoom.account)
        #expect(try await other.greet([.init(attempt: granted, state: .accepted)]) == [])
        #expect(try await other.report(.goRequest(granted)) == [.void(granted)])
        await room.remove()
    }

    struct Ending: Sendable, CustomTestStringConvertible {
        let failure: AttemptOutcome.Failure
        let details: String
        var testDescription: String { details }
    }

    @Test(
        "how a node lost a job is shown as what it is",
        arguments: [
            Ending(failure: .nodeRebooted, details: "NodeRebooted"), Ending(failure: .supervisorLost, details: "SupervisorLost"),
            Ending(failure: .couldNotStart, details: "Failed"),
        ])
    func lostJobs(ending: Ending) async throws {
        let room = try await ServerRoom()
        let (agent, command, attempt) = try await running(room)
        let outcome = AttemptOutcome(
            attempt: attempt, failure: ending.failure, message: "A sentence for the operator.",
            endedAtMilliseconds: room.clock.now.milliseconds)
        #expect(try await agent.report(.exit(outcome)) == [.closed(attempt)])
        let result = try await room.call(
            "GetCommandInvocation", ["CommandId": .string(command), "InstanceId": .string(agent.instance)])
        #expect(result.string("Status") == "Failed")
        #expect(result.string("StatusDetails") == ending.details)
        #expect(result.integer("ResponseCode") == -1)
        #expect(result.string("StandardErrorContent") == "A sentence for the operator.")
        let invocation = try await room.invocation(command, agent.instance)
        #expect(invocation.string("StatusDetails") == ending.details)
        #expect(invocation.structures("CommandPlugins").first?.string("StatusDetails") == ending.details)
        await room.remove()
    }
}
