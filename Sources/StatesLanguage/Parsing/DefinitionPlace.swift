import JSONCore

/// A place inside a definition: the keys and indices that lead there.
struct DefinitionPlace: Hashable, Sendable {
    private(set) var steps: [JSONString] = []

    init() {}

    /// The place one step out.
    init(droppingLastOf place: DefinitionPlace) {
        self = place
        elements[steps.count - 1] = nil
        _ = steps.popLast()
    }

    /// The whole definition.
    static let root = DefinitionPlace()

    /// The place of a member.
    static func / (place: DefinitionPlace, key: JSONString) -> DefinitionPlace {
        var next = place
        next.steps.append(key)
        return next
    }

    /// The place of a member.
    static func / (place: DefinitionPlace, key: String) -> DefinitionPlace { place / JSONString(key) }

    /// The place of an element, written as AWS does: `Branches[0]`.
    func element(_ index: Int) -> DefinitionPlace {
        var next = self
        let last = next.steps.popLast() ?? ""
        next.steps.append(JSONString(last.text + "[\(index)]"))
        next.elements[next.steps.count - 1, default: []].append(index)
        return next
    }

    /// The indices that belong to a step, by the step's position.
    private(set) var elements: [Int: [Int]] = [:]

    /// As AWS writes it: `/States/A/Next`.
    var text: String { "/" + steps.map(\.text).joined(separator: "/") }

    /// The keys and indices one by one, to walk the text with.
    var walk: [PlaceStep] {
        var result: [PlaceStep] = []
        for (position, step) in steps.enumerated() {
            guard let indices = elements[position] else {
                result.append(.member(step))
                continue
            }
            let suffix = indices.map { "[\($0)]" }.joined()
            result.append(.member(JSONString(unchecked: Array(step.bytes.dropLast(suffix.utf8.count)))))
            result.append(contentsOf: indices.map { .element($0) })
        }
        return result
    }
}

/// One step of a place.
enum PlaceStep: Hashable, Sendable {
    case member(JSONString)
    case element(Int)
}
