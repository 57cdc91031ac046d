import Store

extension PruningRule {
    /// Commands with their invocations and output: thirty days, as on AWS.
    package static let commands: [PruningRule] = CommandPruning.allCases.map { step in
        PruningRule(name: "commands", retention: .seconds(30 * 86_400)) { step.statement(before: $0, limit: $1) }
    }
}
