package import JSONCore

/// A JSONPath, parsed once and evaluated many times.
///
/// The dialect is Jayway's, which AWS Step Functions uses: names by dot or bracket, indices, unions, slices, wildcards,
/// recursive descent, filters and functions.
package struct Path: Sendable {
    /// The text the path was parsed from.
    package let source: JSONString
    /// What the path starts from. `@` inside a filter counts as `.input`.
    package let root: PathRoot
    /// True when the path leads to at most one value; else its result is an array of matches.
    package let isDefinite: Bool

    let steps: [PathStep]
    /// True for a path inside a filter that starts from `@`, the value under test.
    let startsAtCurrent: Bool

    /// Parses a path that starts with `$`, `$$` or `$name`.
    package init(parsing text: JSONString) throws(PathParseError) {
        var parser = PathParser(text.bytes)
        self = try parser.wholePath()
    }

    /// Parses a path that starts with `$`, `$$` or `$name`.
    package init(parsing text: String) throws(PathParseError) {
        try self.init(parsing: JSONString(text))
    }

    init(source: JSONString, root: PathRoot, steps: [PathStep], startsAtCurrent: Bool) {
        self.source = source
        self.root = root
        self.steps = steps
        self.startsAtCurrent = startsAtCurrent
        isDefinite = steps.allSatisfy(\.isDefinite) || Path.appliesFunctionToAllMatches(steps)
    }

    /// True for `$`, `$$` or `$name` alone: the whole document.
    package var isRootOnly: Bool { steps.isEmpty }

    /// Finds the path's value in `document`, which is what `root` stands for. Throws when the work exceeds `limits` or a
    /// function is applied to what it is not made for; a path that leads nowhere is an outcome, not an error.
    package func evaluate(
        in document: JSONValue, limits: PathLimits = .standard
    ) throws(PathFailure) -> PathOutcome {
        if steps.isEmpty { return .value(document) }
        var evaluation = PathEvaluation(document: document, limits: limits)
        return try evaluation.outcome(of: self, from: document)
    }

    /// `$..price.sum()` gives one sum of all prices, while `$.a[*].length()` gives a length for each match: a function at
    /// the end of a path that begins with a descent is applied to the array of all matches (Jayway, `CompiledPath`).
    static func appliesFunctionToAllMatches(_ steps: [PathStep]) -> Bool {
        guard case .descent? = steps.first, case .function? = steps.last else { return false }
        return true
    }
}

extension Path: Hashable {
    /// Paths are equal when their texts are.
    package static func == (left: Path, right: Path) -> Bool { left.source == right.source }

    /// Hashes the text.
    package func hash(into hasher: inout Hasher) { hasher.combine(source) }
}

extension Path: CustomStringConvertible {
    /// The text the path was parsed from.
    package var description: String { source.text }
}
