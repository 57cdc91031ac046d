import AWSProtocols
import AgentProtocol
import Engine
import LogStorage
import Store
import TestSupport
import Testing
import TimeSource

@testable import AgentGateway

/// Commands from SendCommand to their end, with an agent that says what the test wants.
@Suite struct CommandTests {
    @Test("a command waits, is claimed, runs and succeeds; each step shows as on AWS")
    func success() async throws {
        let room = try await ServerRoom()
        var agent = try await room.enrolledAgent()
        let command = try await room.send("echo hello", to: [agent.instance])
        let pending = try await room.invocation(command, agent.instance)
        #expect(pending.string("Status") == "Pending")
        let plugin = pending.structures("CommandPlugins").first
        #expect(plugin?.string("Name") == "aws:runShellScript")
        #expect(plugin?.integer("ResponseCode") == -1)
        #expect(plugin?.string("Output") == "")

        try await agent.greet()
        let offer = try #require(try await agent.offers().first)
        let attempt = try AgentDouble.attempt(command)
        #expect(offer.attempt == attempt)
        guard case .go(let go)? = try await agent.report(.claim(attempt)).first else {
            Issue.record("a claim is answered by go")
            return
        }
        #expect(go.digest == offer.digest)
        #expect(go.steps.first?.commands == ["echo hello"])
        #expect(go.steps.first?.timeoutSeconds == 3_600)
        #expect(go.steps.first?.environment.first?.value == agent.instance)
        #expect(try await room.status(command, agent.instance) == "InProgress")

        let chunk = agent.chunk(attempt, .stdout, 0, "hello\n")
        #expect(
            try await agent.report(.started(attempt, startedAtMilliseconds: 1), .output(chunk))
                == [.acknowledged(attempt, chunk.stream, offset: 6)])
        #expect(try await room.invocation(command, agent.instance).structures("CommandPlugins").first?.string("Output") == "")
        #expect(try await agent.report(agent.exit(attempt, 0)) == [.closed(attempt)])
        let done = try await room.invocation(command, agent.instance)
        #expect(done.string("Status") == "Success")
        #expect(done.structures("CommandPlugins").first?.string("Output") == "hello\n")
        #expect(done.structures("CommandPlugins").first?.integer("ResponseCode") == 0)
        let listed = try await room.call("ListCommands", ["CommandId": .string(command)]).structures("Commands").first
        #expect(listed?.string("Status") == "Success")
        #expect(listed?.integer("CompletedCount") == 1)
        await room.remove()
    }

    @Test("a failure shows its code, and its output with the errors behind it")
    func failure() async throws {
        let room = try await ServerRoom()
        var agent = try await room.enrolledAgent()
        let command = try await room.send("false", to: [agent.instance])
        try await agent.greet()
        try await agent.run(command, output: "out\n", errors: "err\n", exit: 7)
        let invocation = try await room.invocation(command, agent.instance)
        #expect(invocation.string("Status") == "Failed")
        #expect(invocation.structures("CommandPlugins").first?.integer("ResponseCode") == 7)
        #expect(invocation.structures("CommandPlugins").first?.string("Output") == "out\n\n----------ERROR-------\nerr\n")
        let result = try await room.call(
            "GetCommandInvocation", ["CommandId": .string(command), "InstanceId": .string(agent.instance)])
        #expect(result.string("StandardOutputContent") == "out\n")
        #expect(result.string("StandardErrorContent") == "err\n")
        let listed = try await room.call("ListCommands", ["CommandId": .string(command)]).structures("Commands").first
        #expect(listed?.string("Status") == "Failed")
        #expect(listed?.integer("ErrorCount") == 1)
        await room.remove()
    }

    @Test("after a restart of the server the offer comes again, a lost go too, and a result counts once")
    func restarts() async throws {
        var room = try await ServerRoom()
        var agent = try await room.enrolledAgent()
        let command = try await room.send("sleep 60", to: [agent.instance])
        let attempt = try AgentDouble.attempt(command)
        try await agent.greet()
        #expect(try await agent.offers().count == 1)

        room = try await room.restarted()
        agent.room = room
        #expect(try await agent.greet() == [])
        #expect(try await agent.offers().map(\.attempt) == [attempt])
        _ = try await agent.report(.claim(attempt))

        // The go was lost with the server.
        room = try await room.restarted()
        agent.room = room
        #expect(try await agent.greet([.init(attempt: attempt, state: .accepted)]) == [])
        #expect(try await agent.offers() == [])
        guard case .go? = try await agent.report(.goRequest(attempt)).first else {
            Issue.record("a lost go is said again")
            return
        }
        // It ran and ended while the server was away; the answer to its exit is lost once.
        room = try await room.restarted()
        agent.room = room
        #expect(try await agent.greet([.init(attempt: attempt, state: .ended)]) == [])
        try await agent.report(.output(agent.chunk(attempt, .stdout, 0, "done\n")))
        try await agent.report(.output(agent.chunk(attempt, .stdout, 0, "done\n")))
        #expect(try await agent.report(agent.exit(attempt, 0)) == [.closed(attempt)])
        #expect(try await agent.report(agent.exit(attempt, 0)) == [.closed(attempt)])
        #expect(try await room.status(command, agent.instance) == "Success")
        #expect(
            try await room.invocation(command, agent.instance).structures("CommandPlugins").first?.string("Output") == "done\n")
        #expect(try await agent.greet([.init(attempt: attempt, state: .ended)]) == [.closed(attempt)])
        await room.remove()
    }

    @Test("a command that is not delivered in time has not run and never will")
    func deliveryTimeout() async throws {
        let room = try await ServerRoom()
        var agent = try await room.enrolledAgent()
        let command = try await room.send("true", to: [agent.instance], ["TimeoutSeconds": 30])
        room.clock.advance(by: .seconds(29))
        await room.coordinator.passDeadlines()
        #expect(try await room.status(command, agent.instance) == "Pending")
        room.clock.advance(by: .seconds(2))
        await room.coordinator.passDeadlines()
        let invocation = try await room.invocation(command, agent.instance)
        #expect(invocation.string("Status") == "TimedOut")
        #expect(invocation.string("StatusDetails") == "DeliveryTimedOut")
        try await agent.greet()
        #expect(try await agent.offers() == [])
        let attempt = try AgentDouble.attempt(command)
        #expect(try await agent.report(.claim(attempt)) == [.void(attempt)])
        let listed = try await room.call("ListCommands", ["CommandId": .string(command)]).structures("Commands").first
        #expect(listed?.string("Status") == "TimedOut")
        #expect(listed?.integer("DeliveryTimedOutCount") == 1)
        await room.remove()
    }

    @Test("cancelling what waits ends it at once, cancelling what runs asks the node, also later")
    func cancelling() async throws {
        let room = try await ServerRoom()
        var agent = try await room.enrolledAgent()
        let waiting = try await room.send("true", to: [agent.instance])
        _ = try await room.call("CancelCommand", ["CommandId": .string(waiting)])
        #expect(try await room.status(waiting, agent.instance) == "Cancelled")
        try await agent.greet()
        let running = try await room.send("sleep 60", to: [agent.instance])
        let attempt = try AgentDouble.attempt(running)
        #expect(try await agent.offers().map(\.attempt) == [attempt])
        _ = try await agent.report(.claim(attempt), .started(attempt, startedAtMilliseconds: 1))
        _ = try await room.call("CancelCommand", ["CommandId": .string(running)])
        #expect(try await room.status(running, agent.instance) == "Cancelling")
        #expect(
            try await room.coordinator.nextMessages(session: agent.session, node: agent.instance) == [.cancel(attempt)])
        // The message was lost with the connection.
        #expect(try await agent.greet([.init(attempt: attempt, state: .running)]) == [.cancel(attempt)])
        #expect(try await agent.report(agent.exit(attempt, 143, stopped: .cancel)) == [.closed(attempt)])
        let invocation = try await room.invocation(running, agent.instance)
        #expect(invocation.string("Status") == "Cancelled")
        let listed = try await room.call("ListCommands", ["CommandId": .string(running)]).structures("Commands").first
        #expect(listed?.string("Status") == "Cancelled")
        #expect(try await room.errorCode("CancelCommand", ["CommandId": "00000000-0000-4000-8000-000000000000"]) == "InvalidCommandId")
        await room.remove()
    }

    @Test("the server's own watch over the execution timeout asks a node that did not end it")
    func executionWatch() async throws {
        let room = try await ServerRoom()
        var agent = try await room.enrolledAgent()
        let command = try await room.send(
            "sleep 600", to: [agent.instance], ["Parameters": ["commands": ["sleep 600"], "executionTimeout": ["10"]]])
        let attempt = try AgentDouble.attempt(command)
        try await agent.greet()
        _ = try await agent.offers()
        _ = try await agent.report(.claim(attempt), .started(attempt, startedAtMilliseconds: 1))
        room.clock.advance(by: .seconds(71))
        await room.coordinator.passDeadlines()
        #expect(try await room.status(command, agent.instance) == "InProgress")
        #expect(
            try await room.coordinator.nextMessages(session: agent.session, node: agent.instance) == [.cancel(attempt)])
        _ = try await agent.report(agent.exit(attempt, 143, stopped: .cancel))
        #expect(try await room.invocation(command, agent.instance).string("StatusDetails") == "ExecutionTimedOut")
        await room.remove()
    }

    @Test("a node that cannot be reached stays InProgress, and says so")
    func unreachable() async throws {
        let room = try await ServerRoom()
        var agent = try await room.enrolledAgent()
        let command = try await room.send("sleep 60", to: [agent.instance])
        try await agent.greet()
        _ = try await agent.report(.claim(AgentDouble.attempt(command)))
        #expect(try await room.invocation(command, agent.instance).string("StatusDetails") == "InProgress")
        room.clock.advance(by: .seconds(3_000))
        let invocation = try await room.invocation(command, agent.instance)
        #expect(invocation.string("Status") == "InProgress")
        #expect(invocation.string("StatusDetails") == "Unreachable")
        await room.remove()
    }

    @Test("a node that lost a command's record, or is deregistered, ends it without running it again")
    func lostNodes() async throws {
        let room = try await ServerRoom()
        var agent = try await room.enrolledAgent()
        try await agent.greet()
        let lost = try await room.send("a", to: [agent.instance])
        _ = try await agent.report(.claim(AgentDouble.attempt(lost)))
        try await agent.greet([])
        #expect(try await room.invocation(lost, agent.instance).string("StatusDetails") == "SupervisorLost")
        let running = try await room.send("b", to: [agent.instance])
        _ = try await agent.report(.claim(AgentDouble.attempt(running)))
        let waiting = try await room.send("c", to: [agent.instance])
        _ = try await room.call("DeregisterManagedInstance", ["InstanceId": .string(agent.instance)])
        #expect(try await room.invocation(running, agent.instance).string("StatusDetails") == "Unreachable")
        #expect(try await room.invocation(waiting, agent.instance).string("StatusDetails") == "Undeliverable")
        #expect(
            try await room.errorCode(
                "SendCommand",
                [
                    "DocumentName": "AWS-RunShellScript", "InstanceIds": [.string(agent.instance)],
                    "Parameters": ["commands": ["x"]],
                ]) == "InvalidInstanceId")
        await room.remove()
    }

    @Test("sent again with the same key it is one command, also from the other side of a crash")
    func idempotentSend() async throws {
        var room = try await ServerRoom()
        let agent = try await room.enrolledAgent()
        let first = try await room.send("true", to: [agent.instance], dedupeKey: "execution/7")
        #expect(try await room.send("true", to: [agent.instance], dedupeKey: "execution/7") == first)
        room = try await room.restarted()
        #expect(try await room.send("true", to: [agent.instance], dedupeKey: "execution/7") == first)
        #expect(try await room.send("true", to: [agent.instance], dedupeKey: "execution/8") != first)
        #expect(try await room.call("ListCommands").structures("Commands").count == 2)
        await room.remove()
    }

    @Test("MaxConcurrency holds nodes back until others are done, MaxErrors ends the rest")
    func limits() async throws {
        let room = try await ServerRoom()
        var agents: [AgentDouble] = []
        for _ in 0..<4 {
            var agent = try await room.enrolledAgent()
            try await agent.greet()
            agents.append(agent)
        }
        let nodes = agents.map(\.instance)
        let command = try await room.send("true", to: nodes, ["MaxConcurrency": "2", "MaxErrors": "1"])
        func offered() async throws -> [Int] {
            var offered: [Int] = []
            for (index, agent) in agents.enumerated() where try await !agent.offers().isEmpty { offered.append(index) }
            return offered
        }
        #expect(try await offered() == [0, 1])
        try await agents[0].run(command, exit: 1)
        let second = try await offered()
        #expect(second.count == 2 && second.contains(1))
        try await agents[1].run(command, exit: 1)
        // Two errors are more than one: what had no turn yet is terminated, what had goes on.
        var details: [String: Int] = [:]
        for node in nodes { details[try await room.invocation(command, node).string("StatusDetails") ?? "", default: 0] += 1 }
        #expect(details == ["Failed": 2, "Pending": 1, "Terminated": 1])
        let last = try #require(second.first { $0 != 1 })
        try await agents[last].run(command, exit: 0)
        let listed = try await room.call("ListCommands", ["CommandId": .string(command)]).structures("Commands").first
        #expect(listed?.string("Status") == "Failed")
        #expect(listed?.integer("CompletedCount") == 4)
        await room.remove()
    }

    @Test("targets are found by tag")
    func targets() async throws {
        let room = try await ServerRoom()
        let web = try await room.enrolledAgent(tags: [NamedValue(name: "role", value: "web")])
        _ = try await room.enrolledAgent(tags: [NamedValue(name: "role", value: "db")])
        let answer = try await room.call(
            "SendCommand",
            [
                "DocumentName": "arn:aws:ssm:us-east-1::document/AWS-RunShellScript",
                "Targets": [["Key": "tag:role", "Values": ["web", "app"]]], "Parameters": ["commands": ["true"]],
            ])
        #expect(answer.structure("Command")?.integer("TargetCount") == 1)
        let id = answer.structure("Command")?.string("CommandId") ?? ""
        #expect(try await room.status(id, web.instance) == "Pending")
        let none = try await room.call(
            "SendCommand",
            [
                "DocumentName": "AWS-RunShellScript", "Targets": [["Key": "tag:role", "Values": ["none"]]],
                "Parameters": ["commands": ["true"]],
            ])
        #expect(none.structure("Command")?.string("StatusDetails") == "NoInstancesInTag")
        await room.remove()
    }

    @Test("output goes to the log line by line, once, whatever is said twice")
    func logs() async throws {
        var room = try await ServerRoom()
        var agent = try await room.enrolledAgent()
        let command = try await room.send(
            "x", to: [agent.instance], ["CloudWatchOutputConfig": ["CloudWatchOutputEnabled": true]])
        let attempt = try AgentDouble.attempt(command)
        try await agent.greet()
        _ = try await agent.report(.claim(attempt))
        try await agent.report(.output(agent.chunk(attempt, .stdout, 0, "one\ntw")))
        let stream = "\(command)/\(agent.instance)/aws-runShellScript/stdout"
        func lines() async throws -> [String] {
            try await room.logs.events(
                of: stream, in: LogGroupName(account: ServerRoom.account, name: "/aws/ssm/AWS-RunShellScript"), start: .head
            ).events.map(\.text)
        }
        #expect(try await lines() == ["one"])
        room = try await room.restarted()
        agent.room = room
        try await agent.greet([.init(attempt: attempt, state: .running)])
        try await agent.report(.output(agent.chunk(attempt, .stdout, 0, "one\ntwo\nthree")))
        try await agent.report(.output(agent.chunk(attempt, .stdout, 4, "two\nthree")))
        #expect(try await lines() == ["one", "two"])
        try await agent.report(agent.exit(attempt, 0))
        #expect(try await lines() == ["one", "two", "three"])
        let result = try await room.call(
            "GetCommandInvocation", ["CommandId": .string(command), "InstanceId": .string(agent.instance)])
        #expect(result.string("StandardOutputContent") == "one\ntwo\nthree")
        await room.remove()
    }

    @Test("of long output the API shows the first 24,000 characters, the log all")
    func longOutput() async throws {
        let room = try await ServerRoom()
        var agent = try await room.enrolledAgent()
        let command = try await room.send(
            "x", to: [agent.instance],
            ["CloudWatchOutputConfig": ["CloudWatchOutputEnabled": true, "CloudWatchLogGroupName": "/batch"]])
        let attempt = try AgentDouble.attempt(command)
        try await agent.greet()
        _ = try await agent.report(.claim(attempt))
        let line = String(repeating: "ä", count: 99) + "\n"
        var offset: Int64 = 0
        for _ in 0..<10 {
            let text = String(repeating: line, count: 100)
            try await agent.report(.output(agent.chunk(attempt, .stdout, offset, text)))
            offset += Int64(text.utf8.count)
        }
        try await agent.report(agent.exit(attempt, 0))
        let result = try await room.call(
            "GetCommandInvocation", ["CommandId": .string(command), "InstanceId": .string(agent.instance)])
        #expect(result.string("StandardOutputContent")?.unicodeScalars.count == 24_000)
        let output = try await room.invocation(command, agent.instance).structures("CommandPlugins").first?.string("Output")
        #expect(output?.unicodeScalars.count == 2_500)
        #expect(output?.hasSuffix("\n---Output truncated---") == true)
        let group = LogGroupName(account: ServerRoom.account, name: "/batch")
        #expect(room.logs.group(group)?.storedBytes == 1_000 * Int64(line.utf8.count - 1))
        await room.remove()
    }

    @Test("the stream of work tells at once what comes up, and ends with its session")
    func stream() async throws {
        let room = try await ServerRoom()
        var agent = try await room.enrolledAgent()
        try await agent.greet()
        let work = try await agent.work()
        let (lines, written) = AsyncStream<ServerMessage>.makeStream()
        let running = Task {
            try await work.run { bytes in
                for line in bytes.split(separator: 0x0A) { written.yield(try ServerMessage(bytes: Array(line))) }
            }
            written.finish()
        }
        var told = lines.makeAsyncIterator()
        #expect(await told.next() == .ping)
        let command = try await room.send("true", to: [agent.instance])
        guard case .offer(let offer)? = await told.next() else {
            Issue.record("a new command is offered")
            return
        }
        #expect(offer.attempt.commandID == command)
        room.clock.advance(by: .seconds(14))
        room.coordinator.sessions.beat()
        room.clock.advance(by: .seconds(1))
        room.coordinator.sessions.beat()
        #expect(await told.next() == .ping)
        try await agent.greet()
        #expect(await told.next() == nil)
        try await running.value
        await room.remove()
    }

    @Test("commands are forgotten after thirty days, those that still wait are not")
    func pruning() async throws {
        let room = try await ServerRoom()
        var agent = try await room.enrolledAgent()
        try await agent.greet()
        let old = try await room.send("a", to: [agent.instance], ["TimeoutSeconds": 2_592_000])
        try await agent.run(old, output: "x")
        let waiting = try await room.send("b", to: [agent.instance], ["TimeoutSeconds": 2_592_000])
        room.clock.advance(by: .seconds(31 * 86_400))
        let recent = try await room.send("c", to: [agent.instance])
        let clock = EngineClock(source: room.clock, highWaterMark: .epoch)
        for rule in PruningRule.commands { try await rule.prune(room.database, clock) }
        let left = try await room.call("ListCommands").structures("Commands").compactMap { $0.string("CommandId") }
        #expect(left == [recent, waiting])
        #expect(
            try await room.errorCode("GetCommandInvocation", ["CommandId": .string(old), "InstanceId": .string(agent.instance)])
                == "InvocationDoesNotExist")
        let rows = try await room.database.read { transaction in
            try ["command_output", "command_stream", "command_plugin"].map { try transaction.rows("SELECT * FROM \($0)").count }
        }
        #expect(rows == [0, 0, 0])
        await room.remove()
    }
}
