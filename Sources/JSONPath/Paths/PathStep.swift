import JSONCore

/// One step of a path, applied to each value the steps before it found.
indirect enum PathStep: Sendable {
    /// `.name` or `['name']`.
    case member(JSONString)
    /// `['a', 'b']`: one object of those members that exist. Only as the last step.
    case members([JSONString])
    /// `[2]` or, from the end, `[-1]`.
    case element(Int)
    /// `[0, 2]`.
    case elements([Int])
    /// `[1:3]`, `[1:]`, `[:3]`.
    case slice(from: Int?, to: Int?)
    /// `.*` or `[*]`.
    case wildcard
    /// `..`: the next step is applied to the value and to everything inside it.
    case descent
    /// `[?(…)]`.
    case filter(PathFilter)
    /// `.length()` and its like.
    case function(PathFunction, arguments: [PathOperand])

    /// True when the step leads to at most one value.
    var isDefinite: Bool {
        switch self {
        case .member, .members, .element, .function: true
        case .elements, .slice, .wildcard, .descent, .filter: false
        }
    }
}

extension PathStep: CustomStringConvertible {
    /// The step in bracket notation, as Jayway prints it in messages.
    var description: String {
        switch self {
        case .member(let name): "['\(name.text)']"
        case .members(let names): "[" + names.map { "'\($0.text)'" }.joined(separator: ", ") + "]"
        case .element(let index): "[\(index)]"
        case .elements(let indices): "[" + indices.map(String.init).joined(separator: ",") + "]"
        case .slice(let from, let to): "[\(from.map(String.init) ?? ""):\(to.map(String.init) ?? "")]"
        case .wildcard: "[*]"
        case .descent: ".."
        case .filter: "[?]"
        case .function(let function, _): ".\(function.rawValue)()"
        }
    }
}
