import AgentProtocol
import Glibc
import Testing

@testable import Agent

/// `nightshift-run` itself, one attempt each, without agent or server.
@Suite struct SupervisorTests {
    private let root = TemporaryDirectory()

    private var run: SupervisedRun { SupervisedRun(root) }

    private func script(_ lines: String..., timeoutSeconds: Int = 60) -> PluginStep {
        PluginStep(name: "s", commands: lines, timeoutSeconds: timeoutSeconds)
    }

    private func wait(until condition: () -> Bool) { SupervisedRun.wait(until: condition) }

    @Test func directoryEnvironmentAndStandardStreamsAreTheStepsOwn() throws {
        var step = script("pwd; echo $SECRET; cat; echo problem >&2; ls /proc/self/fd | wc -l")
        step.workingDirectory = "/usr"
        step.environment = [NamedValue(name: "SECRET", value: "s3cr3t")]
        let result = try run([step])
        // Of descriptors there are the three streams, the script and the one that `ls` reads the directory with.
        #expect(result.output(.stdout, 0) == "/usr\ns3cr3t\n5\n")
        #expect(result.output(.stderr, 0) == "problem\n")
    }

    @Test func secretsAreNowhereInTheSpoolNorInArguments() throws {
        var step = script("tr '\\0' ' ' < /proc/$PPID/cmdline; tr '\\0' ' ' < /proc/$$/cmdline; : 4711-in-script")
        step.environment = [NamedValue(name: "SECRET", value: "4712-in-environment")]
        let result = try run([step])
        #expect(result.output(.stdout, 0).contains("nightshift-run"))
        for name in PosixFile.list(result.directory.path) {
            let text = String(decoding: try PosixFile.read("\(result.directory.path)/\(name)") ?? [], as: UTF8.self)
            #expect(!text.contains("4711") && !text.contains("4712"), "\(name)")
        }
        #expect(PosixFile.list(result.directory.path).contains("started"))
    }

    @Test(arguments: [("exit 0", 0, nil), ("exit 194", 194, nil), ("kill -9 $$", nil, 9), ("false", 1, nil)] as [(String, Int?, Int?)])
    func theWayItEndedIsKept(_ line: String, _ code: Int?, _ signal: Int?) throws {
        let step = try #require(try run([script(line)]).outcome?.steps.first)
        #expect(step.exitCode == code)
        #expect(step.signal == signal)
        #expect(step.stopped == .none)
    }

    @Test func aTimeoutEndsTheWholeTreeEvenWhatFledItsSession() throws {
        let result = try run([script("sleep 600 & setsid sh -c 'trap \"\" TERM; echo $$ > \(root.path)/fled; sleep 600' & wait", timeoutSeconds: 1)])
        #expect(result.outcome?.steps.first?.stopped == .timeout)
        let fled = try #require(TemporaryDirectory.text("\(root.path)/fled").flatMap { Int32($0.dropLast()) })
        #expect(kill(fled, 0) != 0)
    }

    @Test func aCancelEndsAJobThatIgnoresTermAfterItsGrace() throws {
        let result = try run([script("trap '' TERM; echo ready > \(root.path)/ready; while :; do sleep 1; done")]) { directory in
            wait { PosixFile.exists("\(root.path)/ready") }
            try directory.requestCancel()
        }
        #expect(result.outcome?.stopped == .cancel)
        #expect(result.outcome?.steps.first?.signal == 9)
    }

    @Test func aCancelThatCameFirstStartsNothing() throws {
        let directory = "\(root.path)/c.1"
        try PosixFile.makeDirectory(directory)
        TemporaryDirectory.write("", to: "\(directory)/cancel")
        let result = try run([script("touch \(root.path)/ran")])
        #expect(result.outcome?.stopped == .cancel)
        #expect(result.outcome?.steps == [])
        #expect(!PosixFile.exists("\(root.path)/ran"))
        #expect(!PosixFile.exists("\(directory)/started"))
    }

    @Test func aDaemonThatLeftItsOutputOutlivesTheJob() throws {
        let result = try run([script("setsid sleep 600 > /dev/null 2>&1 & echo $! > \(root.path)/daemon; echo done")])
        #expect(result.output(.stdout, 0) == "done\n")
        let daemon = try #require(TemporaryDirectory.text("\(root.path)/daemon").flatMap { Int32($0.dropLast()) })
        #expect(kill(daemon, SIGKILL) == 0)
    }

    @Test func whatIsLeftOfAnAttemptIsFoundWithoutItsSupervisorByItsMark() throws {
        let line = "(setsid sh -c 'echo $$ > \(root.path)/job; exec sleep 600' &); echo $PPID > \(root.path)/supervisor; sleep 600"
        _ = try run([script(line)]) { directory in
            wait { ["job", "supervisor"].allSatisfy { TemporaryDirectory.text("\(root.path)/\($0)")?.hasSuffix("\n") == true } }
            let job = try run.number(in: "job")
            kill(try run.number(in: "supervisor"), SIGKILL)
            wait { !directory.isSupervised() }
            #expect(kill(job, 0) == 0)
            LeftoverProcesses.end(of: directory)
            wait { kill(job, 0) != 0 }
        }
    }

    @Test func whatCannotStartSaysWhy() throws {
        var step = script("true")
        step.workingDirectory = "/no/such"
        var result = try run([step])
        #expect(result.outcome?.steps.first?.startError == "working directory: No such file or directory")
        #expect(result.output(.stderr, 0) == "nightshift: working directory /no/such: No such file or directory\n")
        try result.directory.remove()
        result = try run([script("#!/no/such/interpreter")])
        #expect(result.outcome?.steps.first?.startError == "exec: No such file or directory")
    }

    @Test func aFirstLineChoosesTheInterpreter() throws {
        let result = try run([script("#!/usr/bin/env bash", "a=(x y); echo ${a[1]}")])
        #expect(result.output(.stdout, 0) == "y\n")
    }

    @Test func aHundredMegabytesPassThroughASmallSpoolWithASlowReader() throws {
        var received = 0
        var largest = 0
        var run = run
        run.quota = 2 << 20
        let result = try run([script("head -c 100000000 /dev/zero; echo end >&2")]) { directory in
            var reader = OutputReader(directory: directory)
            while received < 100_000_004 {
                let (chunks, end) = try reader.read(limit: 300_000)
                received += chunks.reduce(0) { $0 + $1.bytes.count }
                largest = max(largest, spoolSize(directory.path))
                reader.deliver(to: end)
                if chunks.isEmpty { sched_yield() }
            }
        }
        #expect(received == 100_000_004)
        #expect(result.outcome?.steps.first?.stdoutBytes == 100_000_000)
        // The quota, and at most one frame and what the two pipes held at the end.
        #expect(largest <= (2 << 20) + 3 * (64 << 10) + 1024)
    }

    @Test func outputIsKeptByteForByte() throws {
        let result = try run([script("head -c 3000000 /dev/urandom | tee \(root.path)/copy; printf '\\0\\377\\n' >&2")])
        let copy = try #require(try PosixFile.read("\(root.path)/copy"))
        #expect(result.chunks.filter { $0.stream.kind == .stdout }.flatMap(\.bytes) == copy)
        #expect(result.chunks.filter { $0.stream.kind == .stderr }.flatMap(\.bytes) == [0, 255, 10])
    }

    /// Each running job costs its supervisor: less than 2 MB, shared pages counted by their share.
    @Test(.enabled(if: geteuid() == 0, "the supervisor keeps its memory from other users, and from its own"))
    func aSupervisorTakesLittleMemory() throws {
        _ = try run([script("head -c 5000000 /dev/zero; grep ^Pss: /proc/$PPID/smaps_rollup > \(root.path)/memory")])
        let line = try #require(TemporaryDirectory.text("\(root.path)/memory"))
        let kibibytes = try #require(line.split(separator: " ").compactMap { Int($0) }.first)
        #expect((1..<2048).contains(kibibytes))
    }

    @Test func anIncompleteSpecificationStartsNothing() throws {
        let configuration = run.configuration
        let attempt = try #require(AttemptID("c.1"))
        let planner = StepPlanner(defaultUser: nil, deniesRoot: false, controllers: [], searchPath: "")
        let plans = try planner.plan(CommandGo(attempt: attempt, digest: "d", steps: [script("touch \(root.path)/ran")]))
        let whole = SupervisorSpecification(plans, controlGroup: nil, configuration: configuration, inherited: []).bytes
        let launcher = try SupervisorLauncher(configuration: configuration)
        for length in stride(from: 0, to: whole.count, by: 7) {
            let directory = SpoolDirectory(attempt: attempt, spool: root.path)
            try PosixFile.makeDirectory(directory.path)
            var status: Int32 = 0
            waitpid(try launcher.start(Array(whole.prefix(length)), in: directory), &status, 0)
            #expect(status == 65 << 8)
            #expect(directory.started() == nil && directory.outcome() == nil)
            // Not at once: a process that another test is just starting may hold a copy of the lock for an instant.
            wait { !directory.isSupervised() }
        }
        #expect(!PosixFile.exists("\(root.path)/ran"))
    }

    @Test func theLockIsHeldUntilTheEndAndFreeAfterwards() throws {
        let run = run
        let result = try run([script("while [ ! -e \(root.path)/go ]; do sleep 0.05; done")]) { directory in
            #expect(directory.isSupervised())
            #expect(throws: SupervisorLauncher.Refusal.self) {
                try SupervisorLauncher(configuration: run.configuration)
                    .launch(CommandGo(attempt: directory.attempt, digest: "d", steps: [script("true")]), in: directory)
            }
            TemporaryDirectory.write("", to: "\(root.path)/go")
        }
        wait { !result.directory.isSupervised() }
    }

    private func spoolSize(_ path: String) -> Int {
        PosixFile.list(path).filter { $0.hasPrefix("out.") }.reduce(0) { size, name in
            var status = stat()
            return stat("\(path)/\(name)", &status) == 0 ? size + Int(status.st_size) : size
        }
    }
}
