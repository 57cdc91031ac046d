import AgentProtocol
import JSONCore
import Testing

private let attempt: AttemptID = {
    guard let attempt = AttemptID("11111111-2222-4333-8444-555555555555.1") else { preconditionFailure("a valid attempt") }
    return attempt
}()

private let facts = NodeFacts(
    hostname: "batch-1.example", ipAddress: "10.0.0.7", platformName: "Debian GNU/Linux", platformVersion: "12",
    architecture: "x86_64", agentVersion: "1.2.3")

/// Each message reads back as what was written.
@Suite struct MessageRoundTripTests {
    @Test(arguments: [
        ServerMessage.offer(CommandOffer(attempt: attempt, documentName: "AWS-RunShellScript", digest: "d1")),
        .go(
            CommandGo(
                attempt: attempt, digest: "d1",
                steps: [
                    PluginStep(
                        name: "one", commands: ["#!/bin/bash", "echo \"ü\"\t'\u{1F319}'"], workingDirectory: "/srv",
                        timeoutSeconds: 60, environment: [NamedValue(name: "B", value: ""), NamedValue(name: "A", value: "1\n2")],
                        onFailure: .exit),
                    PluginStep(name: "two", commands: []),
                ], runAs: RunAs(user: "crawler"))),
        .go(
            CommandGo(
                attempt: attempt, digest: "d1",
                steps: [
                    PluginStep(
                        name: "one", action: "aws:runPowerShellScript", commands: ["exit 1"], onFailure: .successAndExit,
                        onSuccess: .exit, isFinally: true,
                        preconditions: [StepPrecondition(left: "platformType", right: "Linux"), StepPrecondition(left: "a", right: "b")],
                        runAs: RunAs(
                            user: "batch", group: "reports", umask: 0o027, nice: 10,
                            limits: [
                                ResourceLimit(name: "nofile", soft: 1024, hard: 4096), ResourceLimit(name: "core", soft: 0, hard: nil),
                            ], memoryBytes: 512 << 20, cpuPercent: 50, tasks: 64)),
                    PluginStep(
                        name: "two", action: "aws:downloadContent", commands: [],
                        download: ContentDownload(sourceType: "S3", path: "https://s3.amazonaws.com/b/k", destination: "/srv")),
                ], runAs: RunAs(user: "batch", umask: 0o022))),
        .void(attempt), .cancel(attempt), .closed(attempt), .ping,
        .acknowledged(attempt, OutputStream(step: 1, kind: .stderr), offset: 4_294_967_296),
    ])
    func serverMessagesReadBack(_ message: ServerMessage) throws {
        #expect(try ServerMessage(bytes: message.bytes) == message)
        #expect(message.line.last == 0x0A)
        #expect(!message.bytes.contains(0x0A))
    }

    @Test(arguments: [
        AgentMessage.claim(attempt), .goRequest(attempt), .started(attempt, startedAtMilliseconds: 1_767_225_600_123),
        .output(
            OutputChunk(
                attempt: attempt, stream: OutputStream(step: 0, kind: .stdout), offset: 7,
                writtenAtMilliseconds: 5, bytes: [0, 255, 10, 128])),
        .exit(
            AttemptOutcome(
                attempt: attempt, stopped: .timeout, endedAtMilliseconds: 9,
                steps: [
                    .init(exitCode: 0, startedAtMilliseconds: 1, endedAtMilliseconds: 2, stdoutBytes: 3),
                    .init(exitCode: nil, signal: 9, stopped: .timeout, startedAtMilliseconds: 3, endedAtMilliseconds: 4),
                    .init(exitCode: nil, startedAtMilliseconds: 3, endedAtMilliseconds: 4, startError: "exec: x"),
                    .init(exitCode: nil, startedAtMilliseconds: 3, endedAtMilliseconds: 4, skipped: "why"),
                    .init(exitCode: nil, signal: 9, startedAtMilliseconds: 3, endedAtMilliseconds: 4, outOfMemory: true),
                ])),
        .exit(AttemptOutcome(attempt: attempt, failure: .nodeRebooted, message: "why", endedAtMilliseconds: 9)),
    ])
    func agentMessagesReadBack(_ message: AgentMessage) throws {
        #expect(try AgentMessage(bytes: message.bytes) == message)
    }

    @Test func registrationReadsBack() throws {
        let request = RegistrationRequest(
            activationID: "a", activationCode: "c", publicKey: "k", facts: facts,
            tags: [NamedValue(name: "role", value: "crawler")])
        #expect(try RegistrationRequest(bytes: request.bytes) == request)
        let reply = RegistrationReply(instanceID: "mi-0123456789abcdef0", protocolVersion: 1)
        #expect(try RegistrationReply(bytes: reply.bytes) == reply)
    }

    @Test func greetingReadsBack() throws {
        let request = SessionRequest(
            incarnation: 3, bootID: "b", facts: facts, capacity: 12, attempts: [.init(attempt: attempt, state: .running)])
        #expect(try SessionRequest(bytes: request.bytes) == request)
        let reply = SessionReply(
            session: "s", protocolVersion: 1, serverTimeMilliseconds: 4, messages: [.closed(attempt), .ping])
        #expect(try SessionReply(bytes: reply.bytes) == reply)
    }

    @Test func reportsReadBack() throws {
        let report = Report(messages: [.claim(attempt), .goRequest(attempt)])
        #expect(try Report(bytes: report.bytes) == report)
        let reply = ReportReply(messages: [.void(attempt)])
        #expect(try ReportReply(bytes: reply.bytes) == reply)
    }

    @Test(arguments: Refusal.Code.allCases)
    func refusalsReadBack(_ code: Refusal.Code) throws {
        let refusal = Refusal(code: code, message: "m", serverTimeMilliseconds: 1)
        #expect(try Refusal(bytes: refusal.bytes) == refusal)
        #expect((400...599).contains(code.status))
    }

    @Test func messagesOfLaterVersionsAreReadAsUnknown() throws {
        #expect(try ServerMessage(json: ["type": "dance", "step": 1]) == .unknown("dance"))
        #expect(try AgentMessage(json: ["type": "sing"]) == .unknown("sing"))
        #expect(try Refusal(json: ["code": "NewCode"]).code == .unavailable)
    }

    @Test func membersOfLaterVersionsAreIgnored() throws {
        let json: JSONValue = ["type": "void", "attempt": .text(attempt.description), "mood": "good"]
        #expect(try ServerMessage(json: json) == .void(attempt))
    }

    @Test func aWrongMemberIsNamedWithItsPath() {
        let json: JSONValue = ["messages": [["type": "started", "attempt": .text(attempt.description), "startedAt": "soon"]]]
        #expect(throws: WireError(member: "messages.startedAt", expected: "a whole number")) { try Report(json: json) }
    }
}
