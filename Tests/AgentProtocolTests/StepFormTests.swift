import AgentProtocol
import JSONCore
import Testing

/// What a step asks for is either understood or refused by whoever reads it, and never passed over.
@Suite struct StepFormTests {
    private func attempt() throws -> AttemptID { try #require(AttemptID("c.1")) }

    private func action(_ step: PluginStep) -> String? { step.json["action"]?.text }

    @Test func whatEveryAgentUnderstandsKeepsItsPlainForm() throws {
        let step = PluginStep(
            name: "s", commands: ["true"], environment: [NamedValue(name: "A", value: "b")], onFailure: .exit, runAs: RunAs())
        #expect(action(step) == "aws:runShellScript")
        let go = CommandGo(attempt: try attempt(), digest: "d", steps: [step], runAs: RunAs(user: "batch"))
        #expect(go.json["user"]?.text == "batch")
        #expect(go.json["steps"]?.array?.first?["action"]?.text == "aws:runShellScript")
    }

    /// An agent that knows none of these has no plugin of this name, so it refuses the command.
    @Test(arguments: [
        PluginStep(name: "s", commands: [], onFailure: .successAndExit), PluginStep(name: "s", commands: [], onSuccess: .exit),
        PluginStep(name: "s", commands: [], isFinally: true),
        PluginStep(name: "s", commands: [], preconditions: [StepPrecondition(left: "a", right: "b")]),
        PluginStep(name: "s", commands: [], runAs: RunAs(user: "batch")), PluginStep(name: "s", commands: [], runAs: RunAs(tasks: 5)),
    ])
    func whatAnOlderAgentWouldPassOverMakesItRefuse(_ step: PluginStep) throws {
        #expect(action(step) == "aws:runShellScript/2")
        // Older readers know these two values only.
        #expect(["continue", "exit"].contains(step.json["onFailure"]?.text))
        #expect(try PluginStep(json: step.json) == step)
    }

    @Test func aNodesSettingBeyondItsUserMakesOlderAgentsRefuseEveryStep() throws {
        let steps = [PluginStep(name: "s", commands: [])]
        let go = CommandGo(attempt: try attempt(), digest: "d", steps: steps, runAs: RunAs(user: "batch", nice: 5))
        #expect(go.json["steps"]?.array?.first?["action"]?.text == "aws:runShellScript/2")
        #expect(try CommandGo(json: go.json) == go)
    }

    @Test func theMoreSpecificWordCountsAndLimitsCompleteEachOther() {
        let step = RunAs(group: "g", umask: 0, limits: [ResourceLimit(name: "core", soft: 0, hard: 0)])
        let node = RunAs(
            user: "batch", group: "other", umask: 7, nice: 3,
            limits: [ResourceLimit(name: "core", soft: 1, hard: 1), ResourceLimit(name: "cpu", soft: 9, hard: nil)], tasks: 5)
        #expect(
            step.over(node)
                == RunAs(
                    user: "batch", group: "g", umask: 0, nice: 3,
                    limits: [ResourceLimit(name: "core", soft: 0, hard: 0), ResourceLimit(name: "cpu", soft: 9, hard: nil)], tasks: 5))
        #expect(step.over(nil) == step)
    }

    @Test func aGroupStaysWithTheUserItCameWith() {
        #expect(RunAs(user: "a").over(RunAs(user: "b", group: "b")) == RunAs(user: "a"))
        #expect(RunAs().over(RunAs(user: "b", group: "b")) == RunAs(user: "b", group: "b"))
    }

    @Test(arguments: [
        ("platformType", "Linux", true), ("linux", "platformType", true), ("platformType", "Windows", false), ("a", "a", true),
        ("a", "A", false),
    ])
    func preconditionsCompareTwoTextsOrThePlatform(_ left: String, _ right: String, _ holds: Bool) {
        #expect(StepPrecondition(left: left, right: right).holds(platform: "Linux") == holds)
    }
}
