import AgentProtocol
import Glibc
import Testing

@testable import Agent

/// The first mounted hierarchy of version 2 that the tests may write to.
private let hierarchy: String? = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"].first { mount in
    PosixFile.exists("\(mount)/cgroup.subtree_control") && access("\(mount)/cgroup.procs", W_OK) == 0
}

/// Whether it can limit all that a step may ask for.
private let hasControllers: Bool = {
    let text = hierarchy.flatMap { TemporaryDirectory.text("\($0)/cgroup.controllers") } ?? ""
    let offered = text.split { $0 == " " || $0 == "\n" }
    return ControlGroups.Controller.allCases.allSatisfy { offered.contains(Substring($0.rawValue)) }
}()

/// Jobs in control groups, on hosts that have a hierarchy (cgroup v2) which the tests may write to.
@Suite(.enabled(if: hierarchy != nil)) struct ControlGroupTests {
    private let root = TemporaryDirectory()
    private let run: SupervisedRun
    private let groups: ControlGroups
    private let attempt: AttemptID

    init() throws {
        var run = SupervisedRun(root)
        run.controlGroup = hierarchy ?? ""
        self.run = run
        groups = try #require(ControlGroups.prepare(parent: run.controlGroup, dataDirectory: root.path))
        attempt = try #require(AttemptID("c.1"))
    }

    /// The test's own groups go. The common one above them stays, for other tests may be about to use it.
    private func clearUp() {
        groups.end(attempt)
        groups.removeWhenEmpty()
    }

    @Test func aJobIsBornInTheGroupOfItsAttemptAndTheSupervisorIsNot() throws {
        defer { clearUp() }
        let result = try run([SupervisedRun.script("grep ^0:: /proc/self/cgroup; grep ^0:: /proc/$PPID/cgroup")])
        let lines = result.output().split(separator: "\n")
        #expect(lines.first?.hasSuffix(groups.path(of: attempt).dropFirst(run.controlGroup.count)) == true)
        #expect(lines.last.map { !$0.contains("c.1") } == true)
        #expect(!PosixFile.exists(groups.path(of: attempt)))
    }

    @Test func groupsThatWereRemovedAreMadeAgainForTheNextJob() throws {
        defer { clearUp() }
        let launcher = try SupervisorLauncher(configuration: run.configuration)
        groups.removeWhenEmpty()
        #expect(!PosixFile.exists(groups.directory))
        let directory = SpoolDirectory(attempt: attempt, spool: root.path)
        try PosixFile.makeDirectory(directory.path)
        let steps = [SupervisedRun.script("grep -q c.1 /proc/self/cgroup")]
        var status: Int32 = 0
        waitpid(try launcher.launch(CommandGo(attempt: attempt, digest: "d", steps: steps), in: directory), &status, 0)
        #expect(directory.outcome()?.steps.first?.exitCode == 0)
    }

    @Test func aCancelEndsWhatTurnedIntoADaemonAndIgnoresTerm() throws {
        defer { clearUp() }
        // Twice forked, in a session of its own, adopted: only its group and its ancestor, the supervisor, still know it.
        let daemon = "setsid sh -c 'trap \"\" TERM HUP; (echo $$ > \(root.path)/fled; exec sleep 600) & exit 0' > /dev/null 2>&1"
        let result = try run([SupervisedRun.script("\(daemon) & sleep 600")]) { directory in
            SupervisedRun.wait { PosixFile.exists("\(root.path)/fled") }
            try directory.requestCancel()
        }
        #expect(result.outcome?.stopped == .cancel)
        #expect(kill(try run.number(in: "fled"), 0) != 0)
        #expect(!PosixFile.exists(groups.path(of: attempt)))
    }

    @Test func aStepAfterATimeoutRunsInTheGroupThatWasKilled() throws {
        defer { clearUp() }
        let result = try run([SupervisedRun.script("trap '' TERM; while :; do sleep 1; done", timeoutSeconds: 1), SupervisedRun.script("echo next")])
        #expect(result.steps.map(\.stopped) == [.timeout, .none])
        #expect(result.output(.stdout, 1) == "next\n")
    }

    @Test func aDaemonThatOutlivesItsJobKeepsItsGroupUntilItEnds() throws {
        defer { clearUp() }
        _ = try run([SupervisedRun.script("setsid sleep 600 > /dev/null 2>&1 & echo $! > \(root.path)/daemon")])
        groups.removeLeftovers(spool: root.path)
        #expect(PosixFile.exists(groups.path(of: attempt)))
        kill(try run.number(in: "daemon"), SIGKILL)
        SupervisedRun.wait {
            groups.removeLeftovers(spool: root.path)
            return !PosixFile.exists(groups.path(of: attempt))
        }
    }

    @Test func aGroupWithASupervisorIsNoLeftover() throws {
        defer { clearUp() }
        _ = try run([SupervisedRun.script("touch \(root.path)/ready; while [ ! -e \(root.path)/go ]; do sleep 0.05; done")]) { _ in
            SupervisedRun.wait { PosixFile.exists("\(root.path)/ready") }
            groups.removeLeftovers(spool: root.path)
            #expect(PosixFile.exists(groups.path(of: attempt)))
            TemporaryDirectory.write("", to: "\(root.path)/go")
        }
    }

    @Test func whatASupervisorThatWasKilledLeavesIsEnded() throws {
        defer { clearUp() }
        _ = try run([SupervisedRun.script("echo $$ > \(root.path)/job; echo $PPID > \(root.path)/supervisor; sleep 600")]) { directory in
            SupervisedRun.wait { TemporaryDirectory.text("\(root.path)/supervisor")?.hasSuffix("\n") == true }
            kill(try run.number(in: "supervisor"), SIGKILL)
            SupervisedRun.wait { !directory.isSupervised() }
            let job = try run.number(in: "job")
            #expect(kill(job, 0) == 0)
            groups.end(attempt)
            SupervisedRun.wait { kill(job, 0) != 0 }
        }
    }

    @Test func aLimitThatTheKernelDoesNotOfferIsAFailureOfTheStepAndNotIgnored() throws {
        defer { clearUp() }
        guard !groups.controllers.contains(.memory) else { return }
        // Past the agent's own check, as if the controller had gone meanwhile.
        let planner = StepPlanner(defaultUser: nil, deniesRoot: false, controllers: [.memory], searchPath: "")
        let step = SupervisedRun.script("touch \(root.path)/ran", runAs: RunAs(memoryBytes: 1 << 20))
        let plans = try planner.plan(CommandGo(attempt: attempt, digest: "d", steps: [step]))
        let specification = SupervisorSpecification(
            plans, controlGroup: groups.path(of: attempt), configuration: run.configuration, inherited: [])
        let directory = SpoolDirectory(attempt: attempt, spool: root.path)
        try PosixFile.makeDirectory(directory.path)
        var status: Int32 = 0
        waitpid(try SupervisorLauncher(configuration: run.configuration).start(specification.bytes, in: directory), &status, 0)
        #expect(directory.outcome()?.steps.first?.startError == "control group: No such file or directory")
        #expect(!PosixFile.exists("\(root.path)/ran"))
    }

    @Test(.enabled(if: hasControllers)) func limitsAreSetAndExceedingMemoryIsSaid() throws {
        defer { clearUp() }
        let group = groups.path(of: attempt)
        let limits = RunAs(memoryBytes: 64 << 20, cpuPercent: 150, tasks: 20)
        let result = try run([
            SupervisedRun.script("cat \(group)/memory.max \(group)/cpu.max \(group)/pids.max", runAs: limits),
            SupervisedRun.script("cat \(group)/memory.max \(group)/cpu.max \(group)/pids.max"),
            SupervisedRun.script("exec tail -c 1G /dev/zero", runAs: RunAs(memoryBytes: 16 << 20)),
            SupervisedRun.script("i=0; while [ $i -lt 30 ]; do sleep 5 & i=$((i+1)); done", runAs: RunAs(tasks: 10)),
        ])
        #expect(result.output() == "\(64 << 20)\n150000 100000\n20\n")
        #expect(result.output(.stdout, 1) == "max\nmax 100000\nmax\n")
        #expect(result.steps[2].outOfMemory)
        #expect(result.steps[2].signal == 9)
        #expect(result.output(.stderr, 2).hasSuffix("the step exceeded its memory limit of \(16 << 20) bytes\n"))
        #expect(result.steps[3].exitCode != 0)
        #expect(!result.steps[0].outOfMemory && !result.steps[3].outOfMemory)
    }
}
