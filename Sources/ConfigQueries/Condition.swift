/// What WHERE asks of an item.
package indirect enum Condition: Hashable, Sendable {
    case and(Condition, Condition)
    case or(Condition, Condition)
    case not(Condition)
    case compare(PropertyPath, Comparison, Literal)
    case among(PropertyPath, [Literal])
    case between(PropertyPath, Literal, Literal)
    case like(PropertyPath, LikePattern)

    /// Every property that it looks at.
    var properties: Set<PropertyPath> {
        switch self {
        case .and(let left, let right), .or(let left, let right): left.properties.union(right.properties)
        case .not(let condition): condition.properties
        case .compare(let path, _, _), .among(let path, _), .between(let path, _, _), .like(let path, _): [path]
        }
    }

    /// The values of a property without which the condition cannot hold; nil when it can with any.
    func requiredValues(of property: PropertyPath) -> Set<String>? {
        switch self {
        case .compare(property, .equal, let literal): literal.text.map { [$0] }
        case .among(property, let literals): Set(literals.compactMap(\.text))
        case .and(let left, let right):
            switch (left.requiredValues(of: property), right.requiredValues(of: property)) {
            case (let left?, let right?): left.intersection(right)
            case (let left, let right): left ?? right
            }
        case .or(let left, let right):
            left.requiredValues(of: property).flatMap { left in right.requiredValues(of: property).map(left.union) }
        default: nil
        }
    }
}
