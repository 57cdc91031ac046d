/// A pattern as instructions of a small matching machine.
struct PatternProgram: Sendable {
    /// One instruction. Targets are positions in the program.
    enum Instruction: Sendable {
        /// One code point of this set.
        case one(Int)
        /// As many code points of this set as follow, at least and at most so many.
        case many(Int, least: Int, most: Int)
        /// Try the first target, then the second.
        case split(Int, Int)
        case jump(Int)
        case start
        case end
        /// Match what follows up to its `accept` from here, then go on at `next` if that succeeded, or failed when negative.
        case lookAhead(next: Int, isNegative: Bool)
        /// The code point before is (or is not) of this set.
        case lookBehind(Int, isNegative: Bool)
        case accept
    }

    /// More instructions than this would make matching slow; no pattern of the models comes near.
    private static let limit = 4_000

    private(set) var instructions: [Instruction] = []
    private(set) var sets: [ScalarSet] = []

    /// The program of a syntax tree.
    /// - Throws: when it would be too long.
    init(_ node: PatternParser.Node) throws(PatternParser.Unsupported) {
        try emit(node)
        instructions.append(.accept)
    }

    private mutating func emit(_ node: PatternParser.Node) throws(PatternParser.Unsupported) {
        guard instructions.count < PatternProgram.limit else { throw PatternParser.Unsupported() }
        switch node {
        case .empty: break
        case .set(let set): instructions.append(.one(index(of: set)))
        case .sequence(let nodes):
            for node in nodes { try emit(node) }
        case .alternatives(let nodes): try emit(alternatives: nodes)
        case .repeated(let node, let least, let most): try emit(node, least: least, most: most)
        case .start: instructions.append(.start)
        case .end: instructions.append(.end)
        case .lookAhead(let node, let isNegative):
            let place = instructions.count
            instructions.append(.accept)
            try emit(node)
            instructions.append(.accept)
            instructions[place] = .lookAhead(next: instructions.count, isNegative: isNegative)
        case .lookBehind(let set, let isNegative):
            instructions.append(.lookBehind(index(of: set), isNegative: isNegative))
        }
    }

    private mutating func emit(alternatives nodes: [PatternParser.Node]) throws(PatternParser.Unsupported) {
        var exits: [Int] = []
        for (position, node) in nodes.enumerated() {
            guard position < nodes.count - 1 else {
                try emit(node)
                break
            }
            let split = instructions.count
            instructions.append(.accept)
            try emit(node)
            exits.append(instructions.count)
            instructions.append(.accept)
            instructions[split] = .split(split + 1, instructions.count)
        }
        for exit in exits { instructions[exit] = .jump(instructions.count) }
    }

    private mutating func emit(_ node: PatternParser.Node, least: Int, most: Int?) throws(PatternParser.Unsupported) {
        if case .set(let set) = node {
            instructions.append(.many(index(of: set), least: least, most: most ?? .max))
            return
        }
        for _ in 0..<least { try emit(node) }
        guard let most else {
            let split = instructions.count
            instructions.append(.accept)
            try emit(node)
            instructions.append(.jump(split))
            instructions[split] = .split(split + 1, instructions.count)
            return
        }
        var splits: [Int] = []
        for _ in least..<most {
            splits.append(instructions.count)
            instructions.append(.accept)
            try emit(node)
        }
        for split in splits { instructions[split] = .split(split + 1, instructions.count) }
    }

    private mutating func index(of set: ScalarSet) -> Int {
        if let index = sets.firstIndex(of: set) { return index }
        sets.append(set)
        return sets.count - 1
    }
}
