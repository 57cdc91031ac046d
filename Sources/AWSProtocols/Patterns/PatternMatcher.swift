/// Runs a `PatternProgram` on one text: backtracking that never visits the same place twice, so its work is bounded.
struct PatternMatcher {
    private let program: PatternProgram
    private let text: [UInt32]
    /// One bit for each instruction and position that was tried.
    private var visited: [UInt64]

    /// More bits than this would cost more than a pattern is worth.
    private static let visitedLimit = 1 << 25

    /// A matcher of a text; nil when program and text together are too large.
    init?(_ program: PatternProgram, _ text: [UInt32]) {
        let bits = program.instructions.count * (text.count + 1)
        guard bits <= PatternMatcher.visitedLimit else { return nil }
        self.program = program
        self.text = text
        visited = [UInt64](repeating: 0, count: (bits + 63) / 64)
    }

    /// Whether the program matches the whole text.
    mutating func matchesWhole() -> Bool {
        run(from: 0, at: 0, wholeText: true)
    }

    private mutating func run(from first: Int, at start: Int, wholeText: Bool) -> Bool {
        var pending = [(instruction: first, position: start)]
        while let (entry, place) = pending.popLast() {
            var instruction = entry
            var position = place
            thread: while visit(instruction, position) {
                switch program.instructions[instruction] {
                case .one(let set):
                    guard position < text.count, program.sets[set].contains(text[position]) else { break thread }
                    position += 1
                    instruction += 1
                case .many(let set, let least, let most):
                    let longest = length(of: set, at: position, most: most)
                    guard longest >= least else { break thread }
                    instruction += 1
                    for count in least..<longest { pending.append((instruction, position + count)) }
                    position += longest
                case .split(let preferred, let other):
                    pending.append((other, position))
                    instruction = preferred
                case .jump(let target):
                    instruction = target
                case .start:
                    guard position == 0 else { break thread }
                    instruction += 1
                case .end:
                    guard position == text.count else { break thread }
                    instruction += 1
                case .lookAhead(let next, let isNegative):
                    // A matcher of its own: what failed or succeeded in another look-ahead says nothing about this one.
                    guard var inner = PatternMatcher(program, text) else { return false }
                    guard inner.run(from: instruction + 1, at: position, wholeText: false) != isNegative else { break thread }
                    instruction = next
                case .lookBehind(let set, let isNegative):
                    let isBefore = position > 0 && program.sets[set].contains(text[position - 1])
                    guard isBefore != isNegative else { break thread }
                    instruction += 1
                case .accept:
                    if !wholeText || position == text.count { return true }
                    break thread
                }
            }
        }
        return false
    }

    private func length(of set: Int, at position: Int, most: Int) -> Int {
        let set = program.sets[set]
        let limit = most < text.count - position ? position + most : text.count
        var end = position
        while end < limit, set.contains(text[end]) { end += 1 }
        return end - position
    }

    /// Marks a place; false when it was tried before, in vain: a run ends at its first success.
    private mutating func visit(_ instruction: Int, _ position: Int) -> Bool {
        let bit = instruction * (text.count + 1) + position
        let mask: UInt64 = 1 << UInt64(bit & 63)
        guard visited[bit >> 6] & mask == 0 else { return false }
        visited[bit >> 6] |= mask
        return true
    }
}
