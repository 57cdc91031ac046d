package import JSONCore

/// What stands behind a key that ends in `.$` in a payload template: a path or a call of an intrinsic function.
///
/// Source: Amazon States Language, "Payload Template".
package enum PayloadExpression: Sendable, Hashable {
    case path(Path)
    case call(IntrinsicExpression)

    /// Parses a text: one that starts with `$` is a path, everything else a call.
    package init(parsing text: JSONString) throws(PathParseError) {
        if text.bytes.first == UInt8(ascii: "$") {
            self = .path(try Path(parsing: text))
        } else {
            self = .call(try IntrinsicExpression(parsing: text))
        }
    }

    /// Parses a text: one that starts with `$` is a path, everything else a call.
    package init(parsing text: String) throws(PathParseError) {
        try self.init(parsing: JSONString(text))
    }

    /// All paths in the expression, in order.
    package var paths: [Path] {
        switch self {
        case .path(let path): [path]
        case .call(let call): call.paths
        }
    }

    /// The value of the expression; null for a path alone that ends past the end of an array, as on AWS. `document` answers what a path's root stands for, nil for a variable without a value;
    /// `random` answers sixty-four fresh bits a call.
    package func evaluate(
        random: () -> UInt64, document: (PathRoot) -> JSONValue?
    ) throws(IntrinsicFailure) -> JSONValue {
        switch self {
        case .path(let path):
            do throws(IntrinsicFailure) {
                return try path.value(document: document)
            } catch .missing(_, .indexOutOfBounds) {
                return .null
            }
        case .call(let call):
            return try call.evaluate(random: random, document: document)
        }
    }
}

extension Path {
    /// The value of the path in the document that its root stands for.
    package func value(document: (PathRoot) -> JSONValue?) throws(IntrinsicFailure) -> JSONValue {
        guard let start = document(root) else {
            if case .variable(let name) = root { throw .missing(path: self, .undefinedVariable(name: name.text)) }
            throw .missing(path: self, .noResults(path: "$"))
        }
        let outcome: PathOutcome
        do throws(PathFailure) {
            outcome = try evaluate(in: start)
        } catch {
            throw .path(path: self, error)
        }
        switch outcome {
        case .value(let value): return value
        case .missing(let reason): throw .missing(path: self, reason)
        }
    }
}
