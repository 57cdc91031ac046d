/// The pattern of a text in AWS's models, compiled to an own matcher whose work is bounded by pattern and text.
///
/// AWS matches the whole text, whether or not the pattern has anchors.
package struct TextPattern: Sendable {
    private enum Form: Sendable {
        /// One set, so many times: four of five patterns, matched without decoding the text.
        case run(ScalarSet, least: Int, most: Int)
        case program(PatternProgram)
        /// Uses what is not supported: everything matches.
        case unchecked
    }

    /// The pattern as the model has it; validation messages show it.
    package let text: String
    private let form: Form

    /// Compiles a pattern. One that uses unsupported syntax matches everything; see `isChecked`.
    package init(_ text: String) {
        self.text = text
        do throws(PatternParser.Unsupported) {
            let node = try PatternParser.parse(text)
            if let run = TextPattern.run(node) {
                form = .run(run.set, least: run.least, most: run.most)
            } else {
                form = .program(try PatternProgram(node))
            }
        } catch {
            form = .unchecked
        }
    }

    /// Whether texts are really compared with the pattern.
    package var isChecked: Bool {
        if case .unchecked = form { false } else { true }
    }

    /// Whether a whole text matches.
    package func matches(_ candidate: String) -> Bool {
        switch form {
        case .unchecked: return true
        case .run(let set, let least, let most): return TextPattern.matches(candidate, set, least: least, most: most)
        case .program(let program):
            // A text too long for the matcher is not held against the client.
            guard var matcher = PatternMatcher(program, candidate.unicodeScalars.map(\.value)) else { return true }
            return matcher.matchesWhole()
        }
    }

    private static func matches(_ candidate: String, _ set: ScalarSet, least: Int, most: Int) -> Bool {
        var candidate = candidate
        let count: Int? = candidate.withUTF8 { bytes in
            for byte in bytes where byte >= 0x80 || !set.containsASCII(byte) { return nil }
            return bytes.count
        }
        if let count { return count >= least && count <= most }
        var length = 0
        for scalar in candidate.unicodeScalars {
            guard set.contains(scalar.value) else { return false }
            length += 1
        }
        return length >= least && length <= most
    }

    private static func run(_ node: PatternParser.Node) -> (set: ScalarSet, least: Int, most: Int)? {
        var node = node
        if case .sequence(var nodes) = node {
            if nodes.first == .start { nodes.removeFirst() }
            if nodes.last == .end { nodes.removeLast() }
            guard nodes.count == 1 else { return nil }
            node = nodes[0]
        }
        guard case .repeated(.set(let set), let least, let most) = node else { return nil }
        return (set, least, most ?? .max)
    }
}
