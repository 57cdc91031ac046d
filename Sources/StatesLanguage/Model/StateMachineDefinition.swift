/// A compiled definition: parsed, validated, immutable; made once per revision and shared by all its executions.
package struct StateMachineDefinition: Sendable {
}
