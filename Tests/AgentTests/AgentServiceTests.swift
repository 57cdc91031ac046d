import AgentProtocol
import Glibc
import Logging
import ServiceLifecycle
import Testing
import TimeSource

@testable import Agent

/// A whole agent with real supervisors and jobs, its server in memory.
@Suite struct AgentServiceTests {
    private let directory = TemporaryDirectory()
    private let server = ServerDouble()

    private var configuration: AgentConfiguration {
        var configuration = AgentConfiguration(serverURL: "http://127.0.0.1:1", dataDirectory: "\(directory.path)/agent")
        configuration.activationID = "activation"
        configuration.activationCode = "right"
        configuration.tags = [(name: "role", value: "crawler")]
        configuration.terminationGrace = .milliseconds(300)
        configuration.reconnectDelay = .milliseconds(5) ... .milliseconds(20)
        return configuration
    }

    /// Runs an agent for as long as `body` takes; then it is stopped as by a signal.
    private func withAgent<Result: Sendable>(
        _ configuration: AgentConfiguration? = nil, _ body: @Sendable (ServerDouble) async throws -> Result
    ) async throws -> Result {
        let service = AgentService(
            configuration: configuration ?? self.configuration, logger: Logger(label: "agent") { _ in SwiftLogNoOpLogHandler() },
            clock: LiveClock(), random: SystemRandomSource(), makeLink: { [server] in server })
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                do {
                    try await service.run()
                } catch {
                    Issue.record(error)
                    await server.giveUp()
                }
            }
            let result = try await body(server)
            group.cancelAll()
            return result
        }
    }

    @Test func aCommandRunsAndItsOutputAndExitCodeArrive() async throws {
        let attempt = await server.order("hello", "echo out; echo err >&2; exit 7")
        let outcome = try await withAgent { await $0.outcome(of: attempt) }
        #expect(outcome?.failure == nil)
        #expect(outcome?.steps.map(\.exitCode) == [7])
        #expect(outcome?.steps.first?.stdoutBytes == 4)
        #expect(await server.text(attempt) == "out\n")
        #expect(await server.text(attempt, .stderr) == "err\n")
        #expect(await server.attempts[attempt]?.startedAt != nil)
        #expect(await server.registrations.first?.tags == [NamedValue(name: "role", value: "crawler")])
    }

    @Test func theSpoolIsEmptyOnceTheServerHasClosed() async throws {
        let attempt = await server.order("gone", "echo x")
        let spool = "\(directory.path)/agent/spool"
        try await withAgent { server in
            _ = await server.outcome(of: attempt)
            // The next command's end proves that the first one's `closed` was handled.
            let next = await server.order("next", "true")
            _ = await server.outcome(of: next)
        }
        #expect(!TemporaryDirectory.names(spool).contains("gone.1"))
    }

    @Test func anEnrolledAgentNeedsNoActivationAndGrowsItsIncarnation() async throws {
        try await withAgent { await $0.until { $0.sessions.count == 1 } }
        var later = configuration
        later.activationID = nil
        later.activationCode = nil
        try await withAgent(later) { await $0.until { $0.sessions.count == 2 } }
        later.activationID = "ignored"
        later.activationCode = "wrong"
        try await withAgent(later) { await $0.until { $0.sessions.count == 3 } }
        #expect(await server.registrations.count == 1)
        #expect(await server.sessions.map(\.incarnation) == [1, 2, 3])
    }

    @Test func aRefusedActivationEndsTheAgent() async throws {
        var wrong = configuration
        wrong.activationCode = "wrong"
        let service = AgentService(
            configuration: wrong, logger: Logger(label: "agent") { _ in SwiftLogNoOpLogHandler() }, clock: LiveClock(),
            random: SystemRandomSource(), makeLink: { [server] in server })
        await #expect(throws: AgentError.activationRefused("no such activation")) { try await service.run() }
    }

    @Test func twoAgentsDoNotShareADirectory() async throws {
        try await withAgent { server in
            await server.until { $0.sessions.count == 1 }
            let second = AgentService(
                configuration: configuration, logger: Logger(label: "agent") { _ in SwiftLogNoOpLogHandler() },
                clock: LiveClock(), random: SystemRandomSource(), makeLink: { server })
            await #expect(throws: AgentError.alreadyRunning(directory: "\(directory.path)/agent")) { try await second.run() }
        }
    }

    @Test func aLostGoIsAskedForInTheNextSession() async throws {
        await server.loseNextGo()
        let attempt = await server.order("lost", "echo once >> \(directory.path)/runs")
        try await withAgent { server in
            await server.until { $0.attempts[attempt]?.goesSent == 1 }
            await server.disconnect()
            #expect(await server.outcome(of: attempt)?.steps.map(\.exitCode) == [0])
        }
        #expect(TemporaryDirectory.text("\(directory.path)/runs") == "once\n")
    }

    @Test func anAcceptedCommandStartsAfterARestartOfTheAgent() async throws {
        await server.loseNextGo()
        let attempt = await server.order("accepted", "echo late")
        try await withAgent { server in
            await server.until { $0.attempts[attempt]?.goesSent == 1 }
        }
        #expect(await server.attempts[attempt]?.outcome == nil)
        try await withAgent { server in
            #expect(await server.outcome(of: attempt)?.steps.map(\.exitCode) == [0])
        }
        #expect(await server.sessions.last?.attempts.map(\.state) == [.accepted])
        #expect(await server.text(attempt) == "late\n")
    }

    @Test func aVoidClaimRunsNothing() async throws {
        let attempt = await server.order("void", "touch \(directory.path)/ran")
        await server.withdraw(attempt)
        let other = await server.order("zz", "true")
        try await withAgent { _ = await $0.outcome(of: other) }
        #expect(access("\(directory.path)/ran", F_OK) != 0)
    }

    @Test func aRunningCommandOutlivesTheAgentAndIsReportedByTheNext() async throws {
        let pipe = "\(directory.path)/gate"
        mkfifo(pipe, 0o600)
        let attempt = await server.order("long", "echo begun; read line < \(pipe); echo \"$line\"; echo $$ >> \(directory.path)/runs")
        try await withAgent { server in
            await server.until { $0.attempts[attempt]?.startedAt != nil }
        }
        // No agent is there while the job is let on.
        TemporaryDirectory.write("between\n", to: pipe)
        try await withAgent { server in
            #expect(await server.outcome(of: attempt)?.steps.map(\.exitCode) == [0])
        }
        #expect(await server.text(attempt) == "begun\nbetween\n")
        #expect(TemporaryDirectory.text("\(directory.path)/runs")?.split(separator: "\n").count == 1)
    }

    @Test func aServerThatIsAwayMissesNothing() async throws {
        let attempt = await server.order("away", "echo one; while [ ! -e \(directory.path)/go ]; do sleep 0.05; done; echo two; exit 3")
        try await withAgent { server in
            await server.until { $0.attempts[attempt]?.output[OutputStream(step: 0, kind: .stdout)]?.count == 4 }
            await server.disconnect(away: true)
            TemporaryDirectory.write("", to: "\(directory.path)/go")
            // Its end is in the spool before the server returns.
            while !TemporaryDirectory.names("\(directory.path)/agent/spool").contains("away.1/exit") { await Task.yield() }
            await server.comeBack()
            #expect(await server.outcome(of: attempt)?.steps.map(\.exitCode) == [3])
        }
        #expect(await server.text(attempt) == "one\ntwo\n")
    }

    @Test func aKilledSupervisorIsAFailureAndNotARerun() async throws {
        let attempt = await server.order("killed", "echo x >> \(directory.path)/runs; exec sleep 30")
        let spool = "\(directory.path)/agent/spool/killed.1"
        try await withAgent { server in
            await server.until { $0.attempts[attempt]?.startedAt != nil }
            let record = try #require(TemporaryDirectory.text("\(spool)/started"))
            let supervisor = try #require(number("supervisor", in: record))
            let job = try #require(number("pid", in: record))
            kill(supervisor, SIGKILL)
            #expect(await server.outcome(of: attempt)?.failure == .supervisorLost)
            kill(job, SIGKILL)
        }
        #expect(TemporaryDirectory.text("\(directory.path)/runs") == "x\n")
    }

    @Test func anAttemptOfAnEarlierBootHasFailed() async throws {
        let spool = "\(directory.path)/agent/spool/old.1"
        try await withAgent { await $0.until { $0.sessions.count == 1 } }
        let attempt = await server.order("old", "touch \(directory.path)/ran")
        // As a power cut leaves it: let go, torn output, no supervisor.
        for path in ["\(directory.path)/agent/spool", spool] { mkdir(path, 0o700) }
        TemporaryDirectory.write("{\"version\":1,\"digest\":\"digest-old\",\"bootId\":\"other\"}", to: "\(spool)/accepted")
        TemporaryDirectory.write("{\"version\":1,\"pid\":1,\"startedAt\":5,\"bootId\":\"other\"}", to: "\(spool)/started")
        TemporaryDirectory.write("torn", to: "\(spool)/out.0001")
        try await withAgent { server in
            #expect(await server.outcome(of: attempt)?.failure == .nodeRebooted)
        }
        #expect(access("\(directory.path)/ran", F_OK) != 0)
    }

    @Test func anAttemptThatAnOrderlyRestartOfTheNodeEndedHasFailedForThatReason() async throws {
        let spool = "\(directory.path)/agent/spool/down.1"
        try await withAgent { await $0.until { $0.sessions.count == 1 } }
        let attempt = await server.order("down", "touch \(directory.path)/ran")
        for path in ["\(directory.path)/agent/spool", spool] { mkdir(path, 0o700) }
        TemporaryDirectory.write("{\"version\":1,\"digest\":\"digest-down\",\"bootId\":\"other\"}", to: "\(spool)/accepted")
        TemporaryDirectory.write("{\"version\":1,\"pid\":1,\"startedAt\":5,\"bootId\":\"other\"}", to: "\(spool)/started")
        // The supervisor was asked to end the job, and wrote down how it ended.
        let step = "{\"exitCode\":-1,\"signal\":15,\"stopped\":\"terminated\",\"startedAt\":5,\"endedAt\":9,\"stdoutBytes\":0,\"stderrBytes\":0}"
        TemporaryDirectory.write("{\"version\":1,\"stopped\":\"terminated\",\"endedAt\":9,\"steps\":[\(step)]}", to: "\(spool)/exit")
        try await withAgent { server in
            let outcome = await server.outcome(of: attempt)
            #expect(outcome?.failure == .nodeRebooted)
            #expect(outcome?.steps.map(\.signal) == [15])
        }
        #expect(access("\(directory.path)/ran", F_OK) != 0)
    }

    @Test func aCancelStopsTheWholeTree() async throws {
        let attempt = await server.order("tree", "sleep 300 & setsid sleep 300 & echo $$; wait")
        try await withAgent { server in
            await server.until { !($0.attempts[attempt]?.output.isEmpty ?? true) }
            await server.cancel(attempt)
            let outcome = try #require(await server.outcome(of: attempt))
            #expect(outcome.stopped == .cancel)
            #expect(outcome.steps.first?.stopped == .cancel)
        }
    }

    @Test func aDozenCommandsRunSideBySideAndTheNextOneWaits() async throws {
        var attempts: [AttemptID] = []
        for index in 10..<23 {
            attempts.append(await server.order("c\(index)", "while [ ! -e \(directory.path)/go ]; do sleep 0.05; done; echo \(index)"))
        }
        let all = attempts
        try await withAgent { server in
            await server.until { view in all.prefix(12).allSatisfy { view.attempts[$0]?.startedAt != nil } }
            #expect(await server.attempts[all[12]]?.isCommitted == false)
            TemporaryDirectory.write("", to: "\(directory.path)/go")
            for attempt in all { #expect(await server.outcome(of: attempt)?.steps.map(\.exitCode) == [0]) }
        }
    }

    @Test func whatHasEndedIsToldAgainAndNotRunAgainWhenARestoredServerOffersIt() async throws {
        let script = "echo ran >>\(directory.path)/marks; exit 4"
        let attempt = await server.order("again", script)
        let spool = "\(configuration.dataDirectory)/spool"
        let first = try await withAgent { server in
            let outcome = await server.outcome(of: attempt)
            while !PosixFile.list(spool).isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            return outcome
        }
        // As after a restore: the server knows of no claim, start or end.
        _ = await server.order("again", script)
        let again = try await withAgent { await $0.outcome(of: attempt) }
        #expect(again == first && again?.steps.map(\.exitCode) == [4])
        #expect(TemporaryDirectory.text("\(directory.path)/marks") == "ran\n")
    }

    @Test func anUnknownUserIsAnOutcomeThatSaysSo() async throws {
        let attempt = await server.order("user", steps: [PluginStep(name: "s", commands: ["id"])], user: "nobody-of-that-name")
        let outcome = try await withAgent { await $0.outcome(of: attempt) }
        #expect(outcome?.failure == .couldNotStart)
        #expect(outcome?.message == "there is no user nobody-of-that-name on this host")
    }

    @Test func muchOutputArrivesWholeThroughASmallSpool() async throws {
        var small = configuration
        small.spoolQuotaBytes = 2 * 1024 * 1024
        let attempt = await server.order("much", "head -c 20000000 /dev/zero | tr '\\0' x; echo; echo end")
        let outcome = try await withAgent(small) { await $0.outcome(of: attempt) }
        #expect(outcome?.steps.first?.stdoutBytes == 20_000_005)
        let bytes = await server.attempts[attempt]?.output[OutputStream(step: 0, kind: .stdout)] ?? []
        #expect(bytes.count == 20_000_005)
        #expect(bytes.suffix(5) == Array("\nend\n".utf8))
    }

    private func number(_ name: String, in record: String) -> Int32? {
        guard let range = record.range(of: "\"\(name)\":") else { return nil }
        return Int32(record[range.upperBound...].prefix { $0.isNumber })
    }
}

extension String {
    /// Where a text first occurs; enough of Foundation for these tests.
    fileprivate func range(of text: String) -> Range<String.Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}
