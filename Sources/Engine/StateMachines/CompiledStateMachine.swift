import AWSProtocols
package import StatesLanguage
package import Store

/// A state machine at one revision, ready to run.
package struct CompiledStateMachine: Sendable {
    /// The machine as stored.
    package let record: StateMachineRecord
    /// Its definition.
    package let definition: StateMachineDefinition
    /// Its ARN.
    package let arn: String

    private let executionPrefix: String

    /// A machine with its compiled definition.
    package init(record: StateMachineRecord, definition: StateMachineDefinition, region: String) {
        self.record = record
        self.definition = definition
        arn =
            ARN(
                service: "states", region: region, account: record.account, resource: "stateMachine:\(record.name)"
            ).description
        executionPrefix =
            ARN(
                service: "states", region: region, account: record.account, resource: "execution:\(record.name):"
            ).description
    }

    /// Whether its executions are Express ones: in memory alone.
    package var isExpress: Bool { record.type == StateMachineType.express.rawValue }

    /// The ARN of a Standard execution of this machine.
    package func executionARN(name: String) -> String { executionPrefix + name }
}
