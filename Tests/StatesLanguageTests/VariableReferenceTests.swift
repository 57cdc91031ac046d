import JSONCore
import StatesLanguage
import Testing

@Suite struct VariableReferenceTests {
    @Test func eachStateNamesTheVariablesOfItsOwnFields() throws {
        let text = """
            {"StartAt": "M", "States": {
              "M": {"Type": "Map", "ItemsPath": "$list", "Next": "F",
                "ItemSelector": {"a.$": "States.Format('{} {}', $b.c, $$.Map.Item.Value)"},
                "ItemProcessor": {"StartAt": "P", "States": {
                  "P": {"Type": "Pass", "Parameters": {"q": [{"x.$": "$inner"}]}, "End": true}}}},
              "F": {"Type": "Fail", "ErrorPath": "$error", "CausePath": "$.cause"}}}
            """
        let definition = try StateMachineDefinition.compile(Array(text.utf8))
        let references = definition.variableReferences.map { "\($0.state): \($0.variables)" }
        #expect(references == ["M: [b, list]", "F: [error]", "P: [inner]"])
    }
}
