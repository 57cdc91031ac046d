import JSONCore

extension MissingPath {
    /// Why the step at `position` of a definite path does not fit `found`, the value it was applied to.
    init(in path: Path, at position: Int, found: JSONValue) {
        let upTo = MissingPath.bracketNotation(path.steps.prefix(position))
        let including = MissingPath.bracketNotation(path.steps.prefix(position + 1))
        let isLast = position == path.steps.count - 1
        let step = path.steps[position]
        switch (step, found) {
        case (.members, .object):
            self = .severalNamesInside(path: including)
        case (.member, .object):
            self = isLast ? .noResults(path: including) : .missingProperty(path: including)
        case (.member, _), (.members, _):
            self = .notAnObject(step: step.description, path: upTo)
        case (_, .array):
            // An element that does not exist is null to AWS: alone it is the result, a step behind it fails on null.
            guard !isLast else {
                self = .indexOutOfBounds(path: including)
                return
            }
            let next = path.steps[position + 1]
            if case .element = next {
                self = .nullArray(path: including)
            } else {
                self = .notAnObject(step: next.description, path: including)
            }
        case (_, .null):
            self = .nullArray(path: upTo)
        default:
            let rest = path.steps.dropFirst(position).map(\.description).joined()
            self = .notAnArray(step: rest, found: found)
        }
    }

    private static func bracketNotation(_ steps: some Sequence<PathStep>) -> String {
        "$" + steps.map(\.description).joined()
    }
}
