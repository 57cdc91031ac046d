import AWSProtocols
import JSONCore
import StatesLanguage

extension StateMachineDefinition {
    /// `variableReferences` of DescribeStateMachine: null when no state refers to a variable.
    var apiVariableReferences: APIValue {
        let references = variableReferences
        guard !references.isEmpty else { return .null }
        return .structure(APIStructure(references.map { ($0.state.text, .strings($0.variables.map(\.text))) }))
    }
}
