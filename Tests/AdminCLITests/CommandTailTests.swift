import JSONCore
import Testing

@testable import AdminCLI

struct CommandTailTests {
    private static let command = "0b2b0d00-0000-4000-8000-000000000000"

    /// What was shown, and said.
    private final class Screen {
        var out: [UInt8] = []
        var err: [UInt8] = []
        var remarks: [String] = []
    }

    private func tail(_ server: ScriptedServer, _ screen: Screen) -> CommandTail {
        CommandTail(
            server, command: Self.command,
            show: { bytes, isError in if isError { screen.err += bytes } else { screen.out += bytes } },
            remark: { screen.remarks.append($0) })
    }

    private func state(_ status: String, _ lengths: [(node: String, length: Int64)], targets: Int64) -> JSONObject {
        [
            "Status": .text(status), "StatusDetails": .text(status), "TargetCount": .integer(targets),
            "Invocations": .array(
                lengths.map { node, length in
                    [
                        "InstanceId": .text(node), "Status": .text(status),
                        "Streams": [["Step": 0, "Stream": "stdout", "Length": .integer(length)]],
                    ]
                }),
        ]
    }

    private func piece(_ base64: String, at offset: Int64) -> JSONObject {
        ["Data": .text(base64), "Offset": .integer(offset)]
    }

    @Test func `bytes of one node are shown as they are, each once`() async throws {
        let server = ScriptedServer([
            "DescribeCommandOutput": [
                .success(state("InProgress", [("mi-1", 2)], targets: 1)), .success(state("InProgress", [("mi-1", 2)], targets: 1)),
                .success(state("Success", [("mi-1", 3)], targets: 1)),
            ],
            "ReadCommandOutput": [.success(piece("/wA=", at: 0)), .success(piece("Cg==", at: 2))],
        ])
        let screen = Screen()
        var tail = tail(server, screen)
        #expect(try await tail.next().hasEnded == false)
        #expect(screen.out == [0xFF, 0])
        #expect(try await tail.next().hasEnded == false)
        #expect(try await tail.next().hasEnded)
        #expect(screen.out == [0xFF, 0, 0x0A])
        #expect(server.calls.filter { $0.operation == "ReadCommandOutput" }.count == 2)
    }

    @Test func `lines of several nodes name their own, whole lines only until the end`() async throws {
        let server = ScriptedServer([
            "DescribeCommandOutput": [
                .success(state("InProgress", [("mi-1", 4), ("mi-2", 2)], targets: 2)),
                .success(state("Failed", [("mi-1", 4), ("mi-2", 2)], targets: 2)),
            ],
            // "a\nbc", "d\n"
            "ReadCommandOutput": [.success(piece("YQpiYw==", at: 0)), .success(piece("ZAo=", at: 0))],
        ])
        let screen = Screen()
        var tail = tail(server, screen)
        _ = try await tail.next()
        #expect(String(decoding: screen.out, as: UTF8.self) == "mi-1: a\nmi-2: d\n")
        let look = try await tail.next()
        #expect(String(decoding: screen.out, as: UTF8.self) == "mi-1: a\nmi-2: d\nmi-1: bc\n")
        #expect(try await tail.exitCode(after: look) == 1)
    }

    @Test func `bytes that are not kept are told`() async throws {
        let server = ScriptedServer([
            "DescribeCommandOutput": [.success(state("InProgress", [("mi-1", 10)], targets: 1))],
            "ReadCommandOutput": [.success(piece("YQ==", at: 9))],
        ])
        let screen = Screen()
        var tail = tail(server, screen)
        _ = try await tail.next()
        #expect(screen.out == [0x61] && screen.remarks.count == 1 && screen.remarks[0].hasPrefix("9 bytes"))
    }

    @Test(arguments: [("Success", Int64(0), Int32(0)), ("Failed", 7, 7), ("Failed", -1, 1), ("TimedOut", 137, 137)])
    func `the exit code is the command's own`(_ status: String, _ code: Int64, _ expected: Int32) async throws {
        let server = ScriptedServer([
            "DescribeCommandOutput": [.success(state(status, [("mi-1", 0)], targets: 1))],
            "GetCommandInvocation": [.success(["Status": .text(status), "ResponseCode": .integer(code)])],
        ])
        var tail = tail(server, Screen())
        let look = try await tail.next()
        #expect(try await tail.exitCode(after: look) == expected)
    }

    @Test func `ids of commands are told from names of log groups`() {
        #expect(CommandTail.isCommandID(Self.command))
        #expect(!CommandTail.isCommandID("/aws/ssm/AWS-RunShellScript") && !CommandTail.isCommandID("a-b-c-d-e"))
    }
}
