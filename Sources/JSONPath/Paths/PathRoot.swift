package import JSONCore

/// What a JSONPath starts from in the States Language.
///
/// Source: Amazon States Language, "Paths", "The Context Object" and "Variables".
package enum PathRoot: Sendable, Hashable {
    /// `$`: the document that the field is applied to, mostly the state's input.
    case input
    /// `$$`: the context object.
    case context
    /// `$name`: a variable of the execution.
    case variable(JSONString)
}
