import AgentProtocol
import Glibc
import Testing

@testable import Agent

/// As whom and within which limits a script runs, as the script itself sees it.
@Suite struct RunAsTests {
    private let root = TemporaryDirectory()
    private var run: SupervisedRun { SupervisedRun(root) }
    private static let isRoot = geteuid() == 0

    private func script(_ line: String, _ runAs: RunAs? = nil) -> PluginStep { SupervisedRun.script(line, runAs: runAs) }

    @Test func umaskNicenessAndLimitsAreTheStepsOwn() throws {
        let runAs = RunAs(
            umask: 0o027, nice: 7,
            limits: [
                ResourceLimit(name: "nofile", soft: 64, hard: 128), ResourceLimit(name: "core", soft: 0, hard: 0),
                ResourceLimit(name: "cpu", soft: 3600, hard: nil), ResourceLimit(name: "stack", soft: 1 << 20, hard: 1 << 21),
            ])
        let look = "umask; nice; ulimit -Sn; ulimit -Hn; ulimit -Sc; ulimit -St; ulimit -Ht; ulimit -Ss"
        let result = try run([script(look, runAs), script("umask; nice")])
        #expect(result.output() == "0027\n7\n64\n128\n0\n3600\nunlimited\n1024\n")
        // A step does not inherit from the one before.
        #expect(result.output(.stdout, 1) == "0022\n0\n")
    }

    @Test(.enabled(if: isRoot)) func nicenessCountsBetweenSessions() throws {
        guard PosixFile.exists("/proc/self/autogroup") else { return }
        #expect(try run([script("cat /proc/self/autogroup", RunAs(nice: 5))]).output().hasSuffix(" nice 5\n"))
    }

    @Test(.enabled(if: isRoot)) func anotherUserRunsWithItsOwnGroupsHomeAndNoPrivileges() throws {
        let user = try #require(RunAsUser.named("nobody"))
        let groups = user.groups.map { "\($0)" }.joined(separator: " ")
        let result = try run([script("id -u; id -G; echo $HOME $USER $LOGNAME; grep CapEff /proc/self/status", RunAs(user: "nobody"))])
        #expect(result.output() == "\(user.uid)\n\(groups)\n\(user.home) nobody nobody\nCapEff:\t0000000000000000\n")
    }

    @Test(.enabled(if: isRoot)) func usersAndGroupsMayBeNumbersAndDifferFromStepToStep() throws {
        let user = try #require(RunAsUser.named("www-data"))
        let group = try #require(RunAsUser.groupID(named: "daemon"))
        let line = "id -u; id -g"
        let result = try run([
            script(line, RunAs(user: "\(user.uid)", group: "\(group)")), script(line), script(line, RunAs(group: "daemon")),
        ])
        #expect(result.output() == "\(user.uid)\n\(group)\n")
        #expect(result.output(.stdout, 1) == "0\n0\n")
        #expect(result.output(.stdout, 2) == "0\n\(group)\n")
    }

    @Test(.enabled(if: isRoot)) func theStepComesBeforeTheNodesSettingAndThatBeforeTheDefault() throws {
        var run = run
        run.defaultUser = "daemon"
        let line = "id -un; umask"
        let result = try run([script(line, RunAs(user: "nobody")), script(line)], runAs: RunAs(user: "www-data", umask: 0o077))
        #expect(result.output() == "nobody\n0077\n")
        #expect(result.output(.stdout, 1) == "www-data\n0077\n")
        try result.directory.remove()
        #expect(try run([script("id -un")]).output() == "daemon\n")
    }

    @Test(.enabled(if: isRoot)) func aHomeThatIsMissingIsNoError() throws {
        // nobody's home, /nonexistent, does not exist.
        let result = try run([script("pwd", RunAs(user: "nobody"))])
        #expect(result.output() == "/\n")
        #expect(result.steps.first?.exitCode == 0)
    }

    @Test(arguments: [
        (RunAs(user: "no-such-user"), "there is no user no-such-user on this host"),
        (RunAs(group: "no-such-group"), "there is no group no-such-group on this host"),
        (RunAs(limits: [ResourceLimit(name: "files", soft: 1, hard: 1)]), "there is no resource limit files"),
        (
            RunAs(limits: [ResourceLimit(name: "core", soft: 1, hard: 1), ResourceLimit(name: "core", soft: 2, hard: 2)]),
            "the resource limit core is given twice"
        ),
        (RunAs(limits: [ResourceLimit(name: "core", soft: nil, hard: 1)]), "the resource limit core is above its own hard limit"),
        (RunAs(umask: 0o1000), "the umask 1000 is not between 0 and 777"), (RunAs(nice: 20), "the niceness 20 is not between -20 and 19"),
        (RunAs(memoryBytes: 0), "a limit of memory must be more than 0"),
        (
            RunAs(memoryBytes: 1 << 20),
            "a limit of memory was asked for, which this agent cannot set: it has no control group (cgroup v2) with the controller memory"
        ),
        (
            RunAs(cpuPercent: 50),
            "a limit of processor time was asked for, which this agent cannot set: it has no control group (cgroup v2) with the controller cpu"
        ),
        (
            RunAs(tasks: 5),
            "a limit of processes was asked for, which this agent cannot set: it has no control group (cgroup v2) with the controller pids"
        ),
    ])
    func whatThisNodeCannotDoIsRefusedBeforeAnythingRuns(_ runAs: RunAs, _ reason: String) throws {
        #expect(try run.refusal([script("touch \(root.path)/ran"), script("true", runAs)]) == reason)
        #expect(!PosixFile.exists("\(root.path)/ran"))
    }

    @Test func namesThatNoEnvironmentCanHoldAreRefused() throws {
        var step = script("true")
        step.environment = [NamedValue(name: "A=B", value: "c")]
        #expect(try run.refusal([step]) == "A=B cannot be the name of an environment variable")
        step.environment = [NamedValue(name: "A", value: "c\0d")]
        #expect(try run.refusal([step]) == "the environment variable A holds a NUL character")
    }

    @Test(.enabled(if: isRoot)) func rootIsDeniedHoweverItIsNamed() throws {
        var run = run
        run.deniesRoot = true
        let reason = "step s would run as root, and this agent runs no commands as root (--deny-root)"
        for runAs in [nil, RunAs(user: "root"), RunAs(user: "0")] {
            #expect(try run.refusal([script("true", RunAs(user: "nobody")), script("true", runAs)]) == reason)
        }
        run.defaultUser = "nobody"
        #expect(try run([script("id -un")]).output() == "nobody\n")
    }

    @Test(.enabled(if: isRoot)) func anAgentThatRunsAsRootByNobodysWordWarns() throws {
        var run = run
        #expect(try SupervisorLauncher(configuration: run.configuration).warning != nil)
        run.defaultUser = "nobody"
        #expect(try SupervisorLauncher(configuration: run.configuration).warning == nil)
        run.defaultUser = nil
        run.deniesRoot = true
        #expect(try SupervisorLauncher(configuration: run.configuration).warning == nil)
    }

    @Test(.enabled(if: !isRoot)) func onlyRootCanRunCommandsAsOthers() throws {
        #expect(try run.refusal([script("true", RunAs(user: "root"))]) == "only an agent that runs as root can run commands as root")
        #expect(
            try run.refusal([script("true", RunAs(group: "root"))]) == "only an agent that runs as root can run commands with the group root")
    }

    @Test func powerShellNeedsPwshOnThePath() throws {
        let step = PluginStep(name: "s", action: "aws:runPowerShellScript", commands: ["Write-Output 'x'", "exit 3"])
        #expect(throws: SupervisorLauncher.Refusal.self) { try StepProgram(step, searchPath: "/no/such:/usr/share") }
        TemporaryDirectory.write("", to: "\(root.path)/pwsh")
        chmod("\(root.path)/pwsh", 0o755)
        let program = try StepProgram(step, searchPath: "/no/such:\(root.path)")
        #expect(program.program == "\(root.path)/pwsh")
        #expect(program.arguments == ["pwsh", "-NoLogo", "-NoProfile", "-NonInteractive", "-File", "/proc/self/fd/3"])
        #expect(program.script == Array("Write-Output 'x'\nexit 3\n".utf8))
    }
}
