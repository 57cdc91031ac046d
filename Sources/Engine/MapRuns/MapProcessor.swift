/// What makes a machine the processor of a DISTRIBUTED Map state: the machine that a Map Run's children are executions of.
package struct MapProcessor: Sendable, Hashable {
    /// The Map state.
    package let stateName: String
    /// The state's label, which stands in ARNs.
    package let label: String
    /// Whether the children are Express executions.
    package let isExpress: Bool
    /// Whether the children's results are written to objects.
    package let writesResults: Bool
}
