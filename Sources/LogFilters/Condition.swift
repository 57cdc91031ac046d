/// Tests joined by `&&`, which binds closer, and `||`, with parentheses.
indirect enum Condition<Test: Sendable>: Sendable {
    case test(Test)
    case all([Condition])
    case any([Condition])

    /// Evaluates from left to right, no further than needed.
    func evaluate(_ passes: (Test) -> Bool) -> Bool {
        switch self {
        case .test(let test): passes(test)
        case .all(let parts): parts.allSatisfy { $0.evaluate(passes) }
        case .any(let parts): parts.contains { $0.evaluate(passes) }
        }
    }

    /// Every test, in the order written.
    var tests: [Test] {
        switch self {
        case .test(let test): [test]
        case .all(let parts), .any(let parts): parts.flatMap(\.tests)
        }
    }

    /// Reads a condition whose tests `parseTest` reads; stops at the first byte that continues neither.
    ///
    /// The depth of parentheses is bounded by the pattern's length.
    static func parse(
        _ scanner: inout PatternScanner, test parseTest: (inout PatternScanner) throws(LogFilterError) -> Test
    ) throws(LogFilterError) -> Condition {
        var alternatives = [try parseAll(&scanner, test: parseTest)]
        while scanner.take("||") { alternatives.append(try parseAll(&scanner, test: parseTest)) }
        return alternatives.count == 1 ? alternatives[0] : .any(alternatives)
    }

    private static func parseAll(
        _ scanner: inout PatternScanner, test parseTest: (inout PatternScanner) throws(LogFilterError) -> Test
    ) throws(LogFilterError) -> Condition {
        var parts: [Condition] = []
        repeat {
            scanner.skipSpace()
            if scanner.take("(") {
                parts.append(try parse(&scanner, test: parseTest))
                guard scanner.take(")") else { throw .invalidPattern }
            } else {
                parts.append(.test(try parseTest(&scanner)))
            }
            scanner.skipSpace()
        } while scanner.take("&&")
        return parts.count == 1 ? parts[0] : .all(parts)
    }
}
