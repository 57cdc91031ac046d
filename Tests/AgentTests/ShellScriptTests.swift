import AgentProtocol
import Testing

@testable import Agent

/// From the lines of a step to a process.
@Suite struct ShellScriptTests {
    @Test(arguments: [
        (["echo a", "echo b"], "/bin/sh", ["sh", "/proc/self/fd/3"]),
        (["#!/bin/bash", "x"], "/bin/bash", ["/bin/bash", "/proc/self/fd/3"]),
        (["#! /usr/bin/env  python3 -u \t", "x"], "/usr/bin/env", ["/usr/bin/env", "python3 -u", "/proc/self/fd/3"]),
        (["#!/bin/bash\r", "x"], "/bin/bash", ["/bin/bash", "/proc/self/fd/3"]),
        (["#!bash", "x"], "/bin/sh", ["sh", "/proc/self/fd/3"]),
        (["#!"], "/bin/sh", ["sh", "/proc/self/fd/3"]),
        ([], "/bin/sh", ["sh", "/proc/self/fd/3"]),
    ])
    func theFirstLineChoosesTheInterpreter(_ lines: [String], _ program: String, _ arguments: [String]) {
        let script = ShellScript(commands: lines)
        #expect(script.program == program)
        #expect(script.arguments == arguments)
        #expect(script.bytes == Array((lines.joined(separator: "\n") + "\n").utf8))
    }

    @Test func theStepsOwnVariablesHaveTheLastWord() {
        let user = RunAsUser(name: "crawler", uid: 7, gid: 7, groups: [7], home: "/srv/crawler", shell: "")
        let environment = SupervisorSpecification.environment(
            user: user, inherited: [NamedValue(name: "TZ", value: "UTC")],
            own: [NamedValue(name: "HOME", value: "/tmp"), NamedValue(name: "TOKEN", value: "s")])
        #expect(environment.map { "\($0.name)=\($0.value)" } == [
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/tmp", "USER=crawler", "LOGNAME=crawler",
            "SHELL=/bin/sh", "TZ=UTC", "TOKEN=s",
        ])
    }

    @Test func theFirstUserIsKnownAndNobodyElseIsInvented() {
        #expect(RunAsUser.named("root")?.uid == 0)
        #expect(RunAsUser.named("root")?.home == "/root")
        #expect(RunAsUser.named("no-such-user-here") == nil)
        #expect(RunAsUser.current() != nil)
    }
}
