import JSONCore

/// Stub until the evaluator lands in the next commit.
struct PathEvaluation {
    let document: JSONValue
    let limits: PathLimits
    mutating func outcome(of path: Path, from start: JSONValue) throws(PathFailure) -> PathOutcome {
        .missing(.noResults(path: "$"))
    }
}
