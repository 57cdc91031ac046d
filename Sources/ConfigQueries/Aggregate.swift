/// A function over the items of a group.
package struct Aggregate: Hashable, Sendable {
    /// Which function.
    package enum Function: String, Hashable, Sendable {
        case count = "COUNT"
        case minimum = "MIN"
        case maximum = "MAX"
        case sum = "SUM"
        case average = "AVG"
    }

    package let function: Function
    /// Of which property; nil is `*`, which only COUNT takes.
    package let property: PropertyPath?

    /// How answers call it: `COUNT(*)`, `MAX(configuration.size)`.
    package var name: String { "\(function.rawValue)(\(property?.text ?? "*"))" }
}
