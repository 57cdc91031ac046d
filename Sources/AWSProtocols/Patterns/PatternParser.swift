/// Reads the regular expressions of AWS's models: the part of Java's syntax that they use.
///
/// Supported: literals, `.`, classes, `\d \w \s` and their opposites, `\p{L} \p{Z} \p{N} \p{ASCII}`, groups, alternation, quantifiers,
/// anchors, look-ahead, and a look-behind of one character. Not supported: back references, word boundaries, other look-behinds.
struct PatternParser {
    /// A pattern uses something that is not supported.
    struct Unsupported: Error {}

    /// The syntax tree of a pattern.
    indirect enum Node: Equatable {
        case empty
        case set(ScalarSet)
        case sequence([Node])
        case alternatives([Node])
        case repeated(Node, least: Int, most: Int?)
        case start
        case end
        case lookAhead(Node, isNegative: Bool)
        case lookBehind(ScalarSet, isNegative: Bool)
    }

    private let text: [Unicode.Scalar]
    private var index = 0
    private var ignoresCase = false
    private var depth = 0

    private init(_ text: String) {
        self.text = Array(text.unicodeScalars)
    }

    /// The tree of a pattern.
    static func parse(_ text: String) throws(Unsupported) -> Node {
        var parser = PatternParser(text)
        let node = try parser.alternatives()
        guard parser.index == parser.text.count else { throw Unsupported() }
        return node
    }

    private var next: Unicode.Scalar? { index < text.count ? text[index] : nil }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        index += 1
        return true
    }

    private mutating func take(prefix: String) -> Bool {
        let scalars = Array(prefix.unicodeScalars)
        guard index + scalars.count <= text.count, Array(text[index..<index + scalars.count]) == scalars else { return false }
        index += scalars.count
        return true
    }

    private mutating func alternatives() throws(Unsupported) -> Node {
        depth += 1
        guard depth < 50 else { throw Unsupported() }
        defer { depth -= 1 }
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .alternatives(branches)
    }

    private mutating func sequence() throws(Unsupported) -> Node {
        var nodes: [Node] = []
        while let scalar = next, scalar != "|", scalar != ")" {
            if take(prefix: "(?i)") {
                ignoresCase = true
                continue
            }
            let node = try atom()
            nodes.append(try quantified(node))
        }
        return nodes.count == 1 ? nodes[0] : .sequence(nodes)
    }

    private mutating func atom() throws(Unsupported) -> Node {
        guard let scalar = next else { throw Unsupported() }
        index += 1
        switch scalar {
        case "^": return .start
        case "$": return .end
        case ".": return .set(.dot)
        case "[": return .set(try characterClass())
        case "\\": return .set(try escape())
        case "(": return try group()
        case "*", "+", "?": throw Unsupported()
        default: return .set(literal(scalar))
        }
    }

    private mutating func group() throws(Unsupported) -> Node {
        if take(prefix: "?:") {
            return try closed(alternatives())
        } else if take(prefix: "?=") {
            return .lookAhead(try closed(alternatives()), isNegative: false)
        } else if take(prefix: "?!") {
            return .lookAhead(try closed(alternatives()), isNegative: true)
        } else if take(prefix: "?<!") || take(prefix: "?<=") {
            let isNegative = text[index - 1] == "!"
            guard case .set(let set) = try closed(alternatives()) else { throw Unsupported() }
            return .lookBehind(set, isNegative: isNegative)
        }
        guard next != "?" else { throw Unsupported() }
        return try closed(alternatives())
    }

    private mutating func closed(_ node: Node) throws(Unsupported) -> Node {
        guard take(")") else { throw Unsupported() }
        return node
    }

    private mutating func quantified(_ node: Node) throws(Unsupported) -> Node {
        var least = 0
        var most: Int?
        switch next {
        case "*": index += 1
        case "+":
            index += 1
            least = 1
        case "?":
            index += 1
            most = 1
        case "{":
            index += 1
            guard let lower = number() else { throw Unsupported() }
            least = lower
            most = lower
            if take(",") { most = number() }
            guard take("}"), most.map({ $0 >= least }) ?? true else { throw Unsupported() }
        default: return node
        }
        // Laziness does not change what is matched as a whole.
        if next == "?" { index += 1 }
        return .repeated(node, least: least, most: most)
    }

    private mutating func number() -> Int? {
        var digits = ""
        while let scalar = next, ("0"..."9").contains(scalar), digits.count < 9 {
            digits.unicodeScalars.append(scalar)
            index += 1
        }
        return Int(digits)
    }

    private mutating func characterClass() throws(Unsupported) -> ScalarSet {
        var set = ScalarSet()
        let isNegated = take("^")
        var isFirst = true
        while let scalar = next, scalar != "]" || isFirst {
            isFirst = false
            index += 1
            guard scalar != "[" else { throw Unsupported() }
            var lower = scalar.value
            if scalar == "\\" {
                let escaped = try escapedClassMember()
                guard let single = escaped.single else {
                    set.formUnion(escaped.set)
                    continue
                }
                lower = single
            }
            // A hyphen is a range only between two characters: `[\w-_]` and `[a-]` hold it as itself.
            guard next == "-", index + 1 < text.count, text[index + 1] != "]" else {
                set.formUnion(literalSet(lower))
                continue
            }
            index += 1
            guard let end = next else { throw Unsupported() }
            index += 1
            var upper = end.value
            if end == "\\" {
                let escaped = try escapedClassMember()
                guard let single = escaped.single else {
                    set.formUnion(literalSet(lower))
                    set.insert(0x2D...0x2D)
                    set.formUnion(escaped.set)
                    continue
                }
                upper = single
            }
            guard lower <= upper else { throw Unsupported() }
            set.insert(lower...upper)
        }
        guard take("]") else { throw Unsupported() }
        return isNegated ? set.negated() : set
    }

    private func literal(_ scalar: Unicode.Scalar) -> ScalarSet { literalSet(scalar.value) }

    private func literalSet(_ value: UInt32) -> ScalarSet {
        var set = ScalarSet(value)
        if ignoresCase, (0x41...0x5A).contains(value & ~0x20) { set.insert((value ^ 0x20)...(value ^ 0x20)) }
        return set
    }

    private mutating func escape() throws(Unsupported) -> ScalarSet {
        let escaped = try escapedClassMember()
        return escaped.single.map(literalSet) ?? escaped.set
    }

    /// What stands after a backslash: one code point, or a set.
    private mutating func escapedClassMember() throws(Unsupported) -> (single: UInt32?, set: ScalarSet) {
        guard let scalar = next else { throw Unsupported() }
        index += 1
        var set = ScalarSet()
        switch scalar {
        case "n": return (0x0A, set)
        case "r": return (0x0D, set)
        case "t": return (0x09, set)
        case "x": return (try hexadecimal(digits: 2), set)
        case "u": return (try hexadecimal(digits: 4), set)
        case "d", "D": set.insert(0x30...0x39)
        case "w", "W":
            set.insert(0x30...0x39)
            set.insert(0x41...0x5A)
            set.insert(0x5F...0x5F)
            set.insert(0x61...0x7A)
        case "s", "S":
            set.insert(0x09...0x0D)
            set.insert(0x20...0x20)
        case "p":
            if take(prefix: "{L}") {
                set.insert(.letter)
            } else if take(prefix: "{Z}") {
                set.insert(.separator)
            } else if take(prefix: "{N}") {
                set.insert(.number)
            } else if take(prefix: "{ASCII}") {
                set.insert(0...127)
            } else {
                throw Unsupported()
            }
        case "a"..."z", "A"..."Z", "1"..."9": throw Unsupported()
        default: return (scalar.value, set)
        }
        return (nil, ("A"..."Z").contains(scalar) ? set.negated() : set)
    }

    private mutating func hexadecimal(digits: Int) throws(Unsupported) -> UInt32 {
        guard index + digits <= text.count else { throw Unsupported() }
        let slice = String(String.UnicodeScalarView(text[index..<index + digits]))
        guard let value = UInt32(slice, radix: 16) else { throw Unsupported() }
        index += digits
        return value
    }
}
