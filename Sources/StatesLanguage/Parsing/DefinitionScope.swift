import JSONCore

/// The states of one machine, branch or item processor while it is compiled: names, targets, and how they hang together.
struct DefinitionScope {
    /// The position of the scope's first state among all states.
    let first: Int
    private var order: [JSONString] = []
    private var positions: [JSONString: Int] = [:]
    private var targets: [Int: [Int]] = [:]
    private var ends: Set<Int> = []

    /// False when a state was too broken to tell where it leads.
    var isComplete = true

    /// A scope whose states begin at this position.
    init(first: Int) { self.first = first }

    /// Adds a state; positions follow the order of adding.
    mutating func add(_ name: JSONString) {
        positions[name] = first + order.count
        order.append(name)
    }

    /// The reference to a state of this scope, nil when there is none of that name.
    func reference(_ name: JSONString) -> StateReference? {
        positions[name].map { StateReference(name: name, index: $0) }
    }

    /// Notes that one state leads to another.
    mutating func connect(_ position: Int, to target: StateReference?) {
        if let target { targets[position, default: []].append(target.index) }
    }

    /// Notes that the scope may end at a state.
    mutating func end(at position: Int) { ends.insert(position) }

    /// Whether some state ends the scope.
    var canEnd: Bool { !ends.isEmpty }

    /// The states that no path from the start leads to, in document order.
    func unreachable(from start: StateReference) -> [JSONString] {
        var seen: Set<Int> = [start.index]
        var waiting = [start.index]
        while let position = waiting.popLast() {
            for target in targets[position] ?? [] where seen.insert(target).inserted { waiting.append(target) }
        }
        return order.indices.filter { !seen.contains(first + $0) }.map { order[$0] }
    }
}
