import JSONCore

/// Reads a path from bytes: a whole text, or one that is part of a filter or of a call's arguments.
///
/// The grammar is Jayway's (`PathCompiler`), narrowed to what is unambiguous.
struct PathParser {
    /// What stands around the path, which decides where a name after a dot ends.
    enum Surroundings {
        case nothing
        case filter
        case arguments
    }

    /// How deeply filters, their parentheses and function arguments may nest.
    static let depthLimit = 32

    let bytes: [UInt8]
    var index: Int
    var depth: Int

    init(_ bytes: [UInt8], at index: Int = 0, depth: Int = 0) {
        self.bytes = bytes
        self.index = index
        self.depth = depth
    }

    /// The byte at the current position, nil at the end.
    var current: UInt8? { index < bytes.count ? bytes[index] : nil }

    func error(_ message: String) -> PathParseError { PathParseError(message, offset: index) }

    mutating func skipSpaces() {
        while let byte = current, byte == UInt8(ascii: " ") || byte == 0x09 || byte == 0x0A || byte == 0x0D { index += 1 }
    }

    /// Steps over `byte` when it is next.
    mutating func consume(_ byte: Character) -> Bool {
        guard current == byte.asciiValue else { return false }
        index += 1
        return true
    }

    /// Steps over `byte`, which must be next.
    mutating func expect(_ byte: Character, in place: String) throws(PathParseError) {
        guard consume(byte) else {
            throw error(current == nil ? "'\(byte)' is missing at the end of \(place)" : "'\(byte)' expected in \(place)")
        }
    }

    /// Parses all bytes as one path.
    mutating func wholePath() throws(PathParseError) -> Path {
        guard current == UInt8(ascii: "$") else { throw error("a path starts with '$'") }
        let path = try self.path(in: .nothing)
        guard index == bytes.count else { throw error("unexpected character '\(characterHere)'") }
        return path
    }

    /// Parses the path at the current position and stops behind it.
    mutating func path(in surroundings: Surroundings) throws(PathParseError) -> Path {
        let start = index
        let startsAtCurrent = current == UInt8(ascii: "@")
        index += 1
        let root = startsAtCurrent ? PathRoot.input : readRoot()
        var steps: [PathStep] = []
        while let step = try nextStep(in: surroundings) {
            if case .function? = steps.last { throw error("nothing may follow a function") }
            if case .descent? = steps.last, case .descent = step { throw error("a name or bracket expected after '..'") }
            steps.append(step)
        }
        if case .descent? = steps.last { throw error("a path must not end with '..'") }
        let source = JSONString(unchecked: Array(bytes[start..<index]))
        return Path(source: source, root: root, steps: steps, startsAtCurrent: startsAtCurrent)
    }

    /// What follows the first `$`: another `$`, a variable's name, or nothing.
    private mutating func readRoot() -> PathRoot {
        if consume("$") { return .context }
        let start = index
        while let byte = current, PathParser.isNameByte(byte, first: index == start) { index += 1 }
        return index == start ? .input : .variable(JSONString(unchecked: Array(bytes[start..<index])))
    }

    /// Variable names are Unicode identifiers; beyond ASCII every character is taken.
    private static func isNameByte(_ byte: UInt8, first: Bool) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"), 0x80...0xFF: true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): !first
        default: false
        }
    }

    private mutating func nextStep(in surroundings: Surroundings) throws(PathParseError) -> PathStep? {
        if consume("[") { return try bracketStep() }
        guard consume(".") else { return nil }
        if consume(".") {
            // "..[" and "..name": the step behind is read on the next round, as if it had its own dot.
            guard let byte = current else { throw error("a path must not end with '..'") }
            if byte == UInt8(ascii: ".") { throw error("a name or bracket expected after '..'") }
            if byte != UInt8(ascii: "[") { index -= 1 }
            return .descent
        }
        switch current {
        case nil: throw error("a path must not end with '.'")
        case UInt8(ascii: "["):
            index += 1
            return try bracketStep()
        case UInt8(ascii: "*"):
            index += 1
            return .wildcard
        default: return try nameStep(in: surroundings)
        }
    }

    private mutating func nameStep(in surroundings: Surroundings) throws(PathParseError) -> PathStep {
        let start = index
        while let byte = current, !endsName(byte, in: surroundings) { index += 1 }
        if index == start { throw error("a name expected after '.'") }
        let name = JSONString(unchecked: Array(bytes[start..<index]))
        if current == UInt8(ascii: "(") { return try functionStep(name, from: start) }
        if surroundings == .nothing, let byte = current, byte != UInt8(ascii: "."), byte != UInt8(ascii: "[") {
            throw error(
                byte <= 0x20
                    ? "a name with a blank needs brackets: ['my name']" : "unexpected character '\(characterHere)'")
        }
        return .member(name)
    }

    private func endsName(_ byte: UInt8, in surroundings: Surroundings) -> Bool {
        switch byte {
        case UInt8(ascii: "."), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "("), UInt8(ascii: ")"), 0...0x20: true
        case UInt8(ascii: ","): surroundings != .nothing
        case UInt8(ascii: "="), UInt8(ascii: "!"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "~"),
            UInt8(ascii: "&"), UInt8(ascii: "|"):
            surroundings == .filter
        default: false
        }
    }

    private mutating func functionStep(_ name: JSONString, from start: Int) throws(PathParseError) -> PathStep {
        guard let function = PathFunction(rawValue: name.text) else {
            throw PathParseError("there is no path function '\(name.text)'", offset: start)
        }
        index += 1
        var arguments: [PathOperand] = []
        skipSpaces()
        while !consume(")") {
            if !arguments.isEmpty { try expect(",", in: "the function's arguments") }
            arguments.append(try operand())
            skipSpaces()
        }
        return .function(function, arguments: arguments)
    }

    /// The character at the current position, for messages.
    var characterHere: String {
        String(decoding: bytes[index...], as: UTF8.self).first.map(String.init) ?? ""
    }
}
