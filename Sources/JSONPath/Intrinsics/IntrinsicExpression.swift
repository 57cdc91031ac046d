package import JSONCore

/// A call of an intrinsic function, such as `States.Format('Hello {}', $.name)`, parsed once and evaluated many times.
package struct IntrinsicExpression: Sendable {
    /// One argument of a call.
    package indirect enum Argument: Sendable {
        /// A number, true, false or null.
        case literal(JSONValue)
        /// A text in single quotes; `unescaped` is its value, `raw` the text as written, which a template of
        /// `States.Format` needs to tell `{}` from `\{\}`.
        case text(unescaped: JSONString, raw: JSONString)
        /// A path.
        case path(Path)
        /// A nested call.
        case call(IntrinsicExpression)
    }

    /// How many calls one expression may hold, nested ones included (Developer Guide: "You can nest up to 10 intrinsic
    /// functions within a field").
    package static let callLimit = 10

    /// The text of the call.
    package let source: JSONString
    /// The function.
    package let function: IntrinsicFunction
    /// The arguments in order.
    package let arguments: [Argument]

    /// Parses a whole text as one call. The number of arguments is not checked, see `argumentProblems`.
    package init(parsing text: JSONString) throws(PathParseError) {
        var parser = IntrinsicParser(text.bytes)
        self = try parser.wholeCall()
    }

    /// Parses a whole text as one call. The number of arguments is not checked, see `argumentProblems`.
    package init(parsing text: String) throws(PathParseError) {
        try self.init(parsing: JSONString(text))
    }

    init(source: JSONString, function: IntrinsicFunction, arguments: [Argument]) {
        self.source = source
        self.function = function
        self.arguments = arguments
    }

    /// All paths among the arguments, nested calls included, in order.
    package var paths: [Path] {
        arguments.flatMap { argument in
            switch argument {
            case .path(let path): [path]
            case .call(let call): call.paths
            case .literal, .text: [Path]()
            }
        }
    }

    /// True when the result may differ from call to call: `States.UUID`, `States.MathRandom` without a seed.
    package var drawsRandomness: Bool {
        if function == .uuid || (function == .mathRandom && arguments.count == 2) { return true }
        return nestedCalls.contains(where: \.drawsRandomness)
    }

    /// What a validator may warn of although AWS accepts the definition: calls with a number of arguments that fails
    /// whenever they run. One sentence each.
    package var argumentProblems: [String] {
        var problems: [String] = []
        let counts = function.argumentCounts
        if !counts.contains(arguments.count) {
            let expected =
                if counts.upperBound == .max { "at least \(counts.lowerBound)" }
                else if counts.count == 1 { "\(counts.lowerBound)" }
                else { "\(counts.lowerBound) to \(counts.upperBound)" }
            problems.append("\(function.name) takes \(expected) arguments, not \(arguments.count)")
        }
        return problems + nestedCalls.flatMap(\.argumentProblems)
    }

    /// The result of the call. `document` answers what a path's root stands for, nil for a variable without a value;
    /// `random` answers sixty-four fresh bits a call.
    package func evaluate(
        random: () -> UInt64, document: (PathRoot) -> JSONValue?
    ) throws(IntrinsicFailure) -> JSONValue {
        try IntrinsicEvaluation(expression: source).result(of: self, random: random, document: document)
    }

    private var nestedCalls: [IntrinsicExpression] {
        arguments.compactMap { if case .call(let call) = $0 { call } else { nil } }
    }
}

extension IntrinsicExpression: Hashable {
    /// Calls are equal when their texts are.
    package static func == (left: IntrinsicExpression, right: IntrinsicExpression) -> Bool { left.source == right.source }

    /// Hashes the text.
    package func hash(into hasher: inout Hasher) { hasher.combine(source) }
}

extension IntrinsicExpression: CustomStringConvertible {
    /// The text of the call.
    package var description: String { source.text }
}
