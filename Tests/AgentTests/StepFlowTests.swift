import AgentProtocol
import Testing

@testable import Agent

/// From step to step: what an end means for the steps after it.
@Suite struct StepFlowTests {
    private let root = TemporaryDirectory()
    private var run: SupervisedRun { SupervisedRun(root) }

    private func step(_ name: String, _ line: String, _ change: (inout PluginStep) -> Void = { _ in }) -> PluginStep {
        var step = PluginStep(name: name, commands: [line], timeoutSeconds: 60)
        change(&step)
        return step
    }

    private static let skippedText = "Plugin with name aws:runShellScript and id last skipped due to prior step with an exit condition"
    private static let onFailureText = "\nStep was found to have onFailure property. Further document steps will be skipped."

    @Test func aFailedStepIsFollowedByTheNext() throws {
        let result = try run([step("one", "echo a; exit 1"), step("two", "echo b; exit 2"), step("three", "echo c")])
        #expect(result.steps.map(\.exitCode) == [1, 2, 0])
        #expect((0...2).map { result.output(.stdout, $0) } == ["a\n", "b\n", "c\n"])
        #expect(result.outcome?.stopped == AttemptOutcome.Stop.none)
    }

    @Test func onFailureExitSkipsTheLaterSteps() throws {
        let result = try run([step("one", "exit 2") { $0.onFailure = .exit }, step("last", "touch \(root.path)/ran")])
        #expect(result.steps.map(\.exitCode) == [2, nil])
        #expect(result.steps.map(\.skipped) == [nil, Self.skippedText])
        #expect(result.output(.stdout, 0) == Self.onFailureText)
        #expect(result.output(.stdout, 1) == Self.skippedText)
        #expect(result.steps[1].stdoutBytes == Int64(Self.skippedText.utf8.count))
        #expect(result.output(.stderr, 0) == Self.onFailureText)
        #expect(result.steps[0].stdoutBytes == Int64(Self.onFailureText.utf8.count))
        #expect(!PosixFile.exists("\(root.path)/ran"))
    }

    @Test func onFailureSuccessAndExitCountsAsASuccess() throws {
        let result = try run([step("one", "kill -9 $$") { $0.onFailure = .successAndExit }, step("last", "true")])
        #expect(result.steps.map(\.exitCode) == [AttemptOutcome.exitWithSuccess, nil])
        #expect(result.steps.map(\.signal) == [nil, nil])
        #expect(result.steps[1].skipped == Self.skippedText)
    }

    @Test func aStepThatCannotStartHasFailed() throws {
        let broken = step("one", "true") {
            $0.workingDirectory = "/no/such"
            $0.onFailure = .exit
        }
        let result = try run([broken, step("last", "true")])
        #expect(result.steps[0].startError == "working directory: No such file or directory")
        #expect(result.output(.stderr, 0) == "nightshift: working directory /no/such: No such file or directory\n" + Self.onFailureText)
        #expect(result.steps[1].skipped == Self.skippedText)
    }

    @Test(arguments: [(0, true), (1, false)]) func onSuccessExitSkipsTheLaterStepsAfterASuccessOnly(_ code: Int, _ skips: Bool) throws {
        let result = try run([step("one", "exit \(code)") { $0.onSuccess = .exit }, step("last", "echo ran")])
        #expect(result.steps.map(\.exitCode) == [code, skips ? nil : 0])
        #expect(result.output(.stdout, 0).isEmpty)
        #expect((result.steps[1].skipped != nil) == skips)
    }

    @Test func theExitCodes168And169EndTheDocument() throws {
        let success = try run([step("one", "echo a; exit 168"), step("last", "true")])
        let text = "\nStep exited with code 168. Therefore, marking step as succeeded. Further document steps will be skipped."
        #expect(success.steps.map(\.exitCode) == [168, nil])
        #expect(success.output(.stdout, 0) == "a\n" + text)
        #expect(success.output(.stderr, 0).isEmpty)
        try success.directory.remove()
        let failure = try run([step("one", "echo a; exit 169"), step("last", "true")])
        let other = "\nStep exited with code 169. Therefore, marking step as Failed. Further document steps will be skipped."
        #expect(failure.steps.map(\.exitCode) == [169, nil])
        #expect(failure.output(.stdout, 0) == "a\n" + other)
        #expect(failure.output(.stderr, 0) == other)
    }

    @Test func aFinallyStepRunsAfterAnExitIfItIsTheLast() throws {
        let result = try run([
            step("one", "exit 1") { $0.onFailure = .exit }, step("two", "echo no") { $0.isFinally = true },
            step("last", "echo yes; exit 3") { $0.isFinally = true },
        ])
        #expect(result.steps.map(\.exitCode) == [1, nil, 3])
        #expect(result.output(.stdout, 2) == "yes\n")
        #expect(!result.output(.stdout, 1).contains("no\n"))
    }

    @Test func aTimeoutEndsItsStepAndNotTheNext() throws {
        let result = try run([
            step("one", "sleep 600") {
                $0.timeoutSeconds = 1
                $0.onFailure = .exit
            }, step("last", "echo next"),
        ])
        #expect(result.steps.map(\.stopped) == [.timeout, .none])
        #expect(result.steps.map(\.exitCode) == [nil, 0])
        #expect(result.outcome?.stopped == AttemptOutcome.Stop.none)
        #expect(result.output(.stdout, 1) == "next\n")
    }

    @Test func aCancelRunsNoFurtherStepNotEvenAFinallyStep() throws {
        let result = try run([
            step("one", "touch \(root.path)/ready; sleep 600"), step("two", "touch \(root.path)/ran"),
            step("last", "touch \(root.path)/ran") { $0.isFinally = true },
        ]) { directory in
            SupervisedRun.wait { PosixFile.exists("\(root.path)/ready") }
            try directory.requestCancel()
        }
        #expect(result.outcome?.stopped == .cancel)
        #expect(result.steps.map(\.stopped) == [.cancel])
        #expect(!PosixFile.exists("\(root.path)/ran"))
    }

    @Test func aCancelDuringATimeoutEndsTheAttempt() throws {
        var run = run
        run.grace = .seconds(2)
        let result = try run([
            step("one", "trap 'touch \(root.path)/term' TERM; while :; do sleep 0.1; done") { $0.timeoutSeconds = 1 },
            step("last", "touch \(root.path)/ran"),
        ]) { directory in
            SupervisedRun.wait { PosixFile.exists("\(root.path)/term") }
            try directory.requestCancel()
        }
        #expect(result.outcome?.stopped == .cancel)
        #expect(result.steps.map(\.stopped) == [.timeout])
        #expect(!PosixFile.exists("\(root.path)/ran"))
    }

    @Test func anUnsatisfiedPreconditionSkipsTheStep() throws {
        let result = try run([
            step("windows \"x\"\n", "touch \(root.path)/ran") {
                $0.action = "aws:runPowerShellScript"
                $0.preconditions = [StepPrecondition(left: "platformType", right: "Windows")]
            },
            step("two", "echo two") { $0.preconditions = [StepPrecondition(left: "linux", right: "platformType")] },
            step("three", "echo three") {
                $0.preconditions = [StepPrecondition(left: "a", right: "b"), StepPrecondition(left: "c", right: "c")]
            },
        ])
        #expect(result.steps.map(\.exitCode) == [nil, 0, nil])
        #expect(
            result.steps.map(\.skipped) == [
                "Step execution skipped due to unsatisfied preconditions: '\"StringEquals\": [platformType, Windows]'."
                    + " Step name: windows \"x\"\n",
                nil, "Step execution skipped due to unsatisfied preconditions: '\"StringEquals\": [a, b]'. Step name: three",
            ])
        #expect(result.output(.stdout, 1) == "two\n")
        #expect(!PosixFile.exists("\(root.path)/ran"))
    }

    @Test func whenAllStepsAreSkippedNothingWasStarted() throws {
        let result = try run([step("one", "true") { $0.preconditions = [StepPrecondition(left: "a", right: "b")] }])
        #expect(result.steps.count == 1)
        #expect(result.directory.started() == nil)
    }
}
