/// Why evaluating a path had to end without an outcome.
package enum PathFailure: Error, Sendable, Hashable {
    /// The path visited more values than `PathLimits.steps` allows.
    case tooManySteps
    /// A path function met a value it is not made for; the text says which.
    case function(String)
}

extension PathFailure: CustomStringConvertible {
    /// What happened, for an execution's cause.
    package var description: String {
        switch self {
        case .tooManySteps: "The path visits too many values"
        case .function(let reason): reason
        }
    }
}

/// How much work evaluating one expression may be.
package struct PathLimits: Sendable, Hashable {
    /// How many values one evaluation may visit.
    package var steps: Int

    /// Limits with this number of steps.
    package init(steps: Int) {
        self.steps = steps
    }

    /// Enough for any path over a payload of AWS's maximum size (256 KiB), and still well under a second.
    package static let standard = PathLimits(steps: 1_000_000)
}
