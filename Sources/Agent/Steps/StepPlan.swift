import AgentProtocol
import Glibc

/// A step as this node runs it: every name looked up, every wish checked.
struct StepPlan {
    /// A limit in the kernel's terms; `UInt64.max` is none.
    struct Limit: Equatable {
        let resource: Int32
        let soft: UInt64
        let hard: UInt64
    }

    /// How a step becomes a process.
    struct Job {
        let program: StepProgram
        /// Whose environment and home it has.
        let user: RunAsUser
        /// Whether the ids are other than the agent's own.
        let changesUser: Bool
        let limits: [Limit]
        /// Umask, niceness and the limits of the control group.
        let runAs: RunAs
    }

    let step: PluginStep
    /// nil when the step is skipped.
    let job: Job?

    /// In the words of Systems Manager's agent.
    var skipped: String {
        let unsatisfied = step.preconditions.filter { !$0.holds(platform: HostFacts.platformType) }.map(\.text)
        return "Step execution skipped due to unsatisfied preconditions: '\(unsatisfied.joined(separator: ", "))'. Step name: \(step.name)"
    }

    /// In the words of Systems Manager's agent.
    var skippedAfterExit: String {
        "Plugin with name \(step.action) and id \(step.name) skipped due to prior step with an exit condition"
    }
}
