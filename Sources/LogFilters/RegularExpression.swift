/// A `%regular expression%` of a filter pattern.
///
/// The subset of the User Guide: letters, digits and `_ # = @ / ; , - :` for themselves, `.`, classes, `\d \w \s` and their
/// opposites, `\xHH`, escaped operators, the quantifiers `? * + {n} {n,} {n,m}`, `^`, `$` and `|` at the top. There are no groups, so
/// an alternative is a plain row of byte sets, which is walked once with a set of positions: linear time whatever the pattern.
struct RegularExpression: Sendable {
    /// Which of the 256 bytes are meant.
    struct ByteSet: Sendable {
        private var words: SIMD4<UInt64> = .zero

        mutating func insert(_ byte: UInt8) { words[Int(byte >> 6)] |= 1 << UInt64(byte & 63) }
        mutating func formUnion(_ other: ByteSet) { words |= other.words }
        mutating func invert() { words = ~words }
        func contains(_ byte: UInt8) -> Bool { words[Int(byte >> 6)] >> UInt64(byte & 63) & 1 == 1 }
    }

    /// One byte to match; it may be left out, and it may be taken again.
    private struct Step: Sendable {
        var set: ByteSet
        var isOptional = false
        var repeats = false
    }

    private struct Alternative: Sendable {
        var steps: [Step] = []
        var startsAtStart = false
        var endsAtEnd = false
    }

    /// What counted repetition may unfold to.
    private static let maximumSteps = 2_000

    private var alternatives: [Alternative] = []

    /// Reads `%…%`.
    init(_ scanner: inout PatternScanner) throws(LogFilterError) {
        guard scanner.take("%") else { throw .invalidPattern }
        var current = Alternative()
        while !scanner.take("%") {
            if scanner.take("|") {
                alternatives.append(current)
                current = Alternative()
            } else if scanner.take("^") {
                guard current.steps.isEmpty else { throw .invalidPattern }
                current.startsAtStart = true
            } else if scanner.take("$") {
                current.endsAtEnd = true
            } else {
                guard !current.endsAtEnd else { throw .invalidPattern }
                let set = try Self.atom(&scanner)
                current.steps += try Self.quantified(set, &scanner)
                guard current.steps.count <= Self.maximumSteps else { throw .invalidPattern }
            }
        }
        alternatives.append(current)
    }

    /// Whether it matches somewhere in the text.
    func matches(_ text: ArraySlice<UInt8>) -> Bool {
        alternatives.contains { Self.matches($0, text) }
    }

    private static func matches(_ alternative: Alternative, _ text: ArraySlice<UInt8>) -> Bool {
        let steps = alternative.steps
        var active = [Bool](repeating: false, count: steps.count + 1)
        var next = active
        // A position is reached together with all that lie behind steps that may be left out.
        func reach(_ position: Int, _ positions: inout [Bool]) {
            var position = position
            while !positions[position] {
                positions[position] = true
                guard position < steps.count, steps[position].isOptional else { return }
                position += 1
            }
        }
        reach(0, &active)
        for byte in text {
            if active[steps.count], !alternative.endsAtEnd { return true }
            for index in next.indices { next[index] = false }
            for index in steps.indices where active[index] && steps[index].set.contains(byte) {
                if steps[index].repeats { reach(index, &next) }
                reach(index + 1, &next)
            }
            if !alternative.startsAtStart { reach(0, &next) }
            swap(&active, &next)
        }
        return active[steps.count]
    }

    private static func quantified(_ set: ByteSet, _ scanner: inout PatternScanner) throws(LogFilterError) -> [Step] {
        if scanner.take("?") { return [Step(set: set, isOptional: true)] }
        if scanner.take("*") { return [Step(set: set, isOptional: true, repeats: true)] }
        if scanner.take("+") { return [Step(set: set, repeats: true)] }
        guard scanner.take("{") else { return [Step(set: set)] }
        let least = try count(&scanner)
        var most: Int? = least
        if scanner.take(",") { most = scanner.peek == UInt8(ascii: "}") ? nil : try count(&scanner) }
        guard scanner.take("}"), least <= most ?? least else { throw .invalidPattern }
        var steps = [Step](repeating: Step(set: set), count: least)
        if let most {
            steps += [Step](repeating: Step(set: set, isOptional: true), count: most - least)
        } else {
            steps.append(Step(set: set, isOptional: true, repeats: true))
        }
        return steps
    }

    private static func count(_ scanner: inout PatternScanner) throws(LogFilterError) -> Int {
        let digits = scanner.takeUntil { !($0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9")) }
        guard let count = Int(String(decoding: digits, as: UTF8.self)), count <= maximumSteps else { throw .invalidPattern }
        return count
    }

    private static func atom(_ scanner: inout PatternScanner) throws(LogFilterError) -> ByteSet {
        guard let byte = scanner.next() else { throw .invalidPattern }
        var set = ByteSet()
        switch byte {
        case UInt8(ascii: "."): set.invert()
        case UInt8(ascii: "\\"): set = try escape(&scanner)
        case UInt8(ascii: "["): set = try characterClass(&scanner)
        case _ where byte.isWordByte || byte.isPatternSpace: set.insert(byte)
        case _ where "#=@/;,-:".utf8.contains(byte): set.insert(byte)
        default: throw .invalidTerm([byte])
        }
        return set
    }

    private static func escape(_ scanner: inout PatternScanner) throws(LogFilterError) -> ByteSet {
        guard let byte = scanner.next(), byte < 0x80 else { throw .invalidPattern }
        var set = ByteSet()
        switch byte | 0x20 {
        case UInt8(ascii: "d"): for digit in UInt8(ascii: "0")...UInt8(ascii: "9") { set.insert(digit) }
        case UInt8(ascii: "w"): for word in 0..<UInt8(0x80) where word.isWordByte { set.insert(word) }
        case UInt8(ascii: "s"): for space in 0..<UInt8(0x80) where space.isPatternSpace { set.insert(space) }
        case UInt8(ascii: "x"):
            guard let high = hexadecimal(scanner.next()), let low = hexadecimal(scanner.next()) else { throw .invalidPattern }
            set.insert(high << 4 | low)
            return set
        case _ where byte.isWordByte: throw .invalidPattern
        default:
            set.insert(byte)
            return set
        }
        if byte & 0x20 == 0 { set.invert() }
        return set
    }

    private static func characterClass(_ scanner: inout PatternScanner) throws(LogFilterError) -> ByteSet {
        let isInverted = scanner.take("^")
        var set = ByteSet()
        var last: UInt8?
        var isEmpty = true
        while !scanner.take("]") {
            guard let byte = scanner.next() else { throw .invalidPattern }
            isEmpty = false
            if byte == UInt8(ascii: "\\") {
                set.formUnion(try escape(&scanner))
                last = nil
            } else if byte == UInt8(ascii: "-"), let first = last, let end = scanner.peek, end != UInt8(ascii: "]") {
                guard scanner.next() != nil, first <= end else { throw .invalidPattern }
                for member in first...end { set.insert(member) }
                last = nil
            } else {
                set.insert(byte)
                last = byte
            }
        }
        guard !isEmpty else { throw .invalidPattern }
        if isInverted { set.invert() }
        return set
    }

    private static func hexadecimal(_ byte: UInt8?) -> UInt8? {
        byte.flatMap { UInt8(String(UnicodeScalar($0)), radix: 16) }
    }
}
