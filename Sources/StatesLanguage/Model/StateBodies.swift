package import JSONCore
package import JSONPath
package import TimeSource

/// How a state's result becomes its output: `ResultSelector`, `ResultPath` and `Assign`.
package struct ResultFlow: Sendable {
    /// Shapes the raw result; nil leaves it.
    package let selector: PayloadTemplate?
    /// Where in the raw input the result is put.
    package let path: ResultPath
    /// Variables to set when the state ends well; nil when there are none.
    package let assign: PayloadTemplate?
}

/// A Pass state.
package struct PassState: Sendable {
    /// The fixed result, nil when the state's effective input is the result.
    package let result: JSONValue?
    /// Builds the effective input.
    package let parameters: PayloadTemplate?
    /// What becomes of the result.
    package let flow: ResultFlow
}

/// A Task state.
package struct TaskState: Sendable {
    /// What is called.
    package let resource: TaskResource
    /// Builds the effective input.
    package let parameters: PayloadTemplate?
    /// The role of `Credentials`, kept as it stands.
    package let credentials: PayloadTemplate?
    /// `TimeoutSeconds` or `TimeoutSecondsPath`.
    package let timeout: SecondsField?
    /// `HeartbeatSeconds` or `HeartbeatSecondsPath`.
    package let heartbeat: SecondsField?
    /// What becomes of the result.
    package let flow: ResultFlow
    /// `Retry`.
    package let retriers: [Retrier]
    /// `Catch`.
    package let catchers: [Catcher]
}

/// A Choice state.
package struct ChoiceState: Sendable {
    /// The rules, tried in order.
    package let rules: [ChoiceRule]
    /// Where to go when no rule matches.
    package let fallback: StateReference?
    /// Variables to set when no rule matches.
    package let assign: PayloadTemplate?
}

/// A Wait state.
package struct WaitState: Sendable {
    /// Until when it waits.
    package enum Until: Sendable {
        case seconds(Int64)
        case secondsPath(Path)
        case timestamp(Timestamp)
        case timestampPath(Path)
    }

    /// Until when it waits.
    package let until: Until
    /// Variables to set when the wait is over.
    package let assign: PayloadTemplate?
}

/// A Fail state.
package struct FailState: Sendable {
    /// A fixed text, or an expression over the state's input.
    package enum Text: Sendable {
        case literal(String)
        case expression(PayloadExpression)
    }

    /// `Error` or `ErrorPath`.
    package let error: Text?
    /// `Cause` or `CausePath`.
    package let cause: Text?
}

/// A Parallel state.
package struct ParallelState: Sendable {
    /// Where each branch begins.
    package let branches: [StateReference]
    /// Builds the input of the branches.
    package let parameters: PayloadTemplate?
    /// What becomes of the array of the branches' outputs.
    package let flow: ResultFlow
    /// `Retry`.
    package let retriers: [Retrier]
    /// `Catch`.
    package let catchers: [Catcher]
}

/// A Map state.
package struct MapState: Sendable {
    /// How iterations run.
    package enum Mode: String, Hashable, Sendable {
        /// Inside the execution.
        case inline = "INLINE"
        /// As child executions of a Map Run.
        case distributed = "DISTRIBUTED"
    }

    /// How iterations run.
    package let mode: Mode
    /// Where each iteration begins.
    package let start: StateReference
    /// Where in the effective input the items are.
    package let itemsPath: PathField
    /// Builds the input of each iteration: `ItemSelector`, or `Parameters` of older definitions.
    package let itemSelector: PayloadTemplate?
    /// How many iterations run at the same time: 0 for no bound of the definition's own.
    package let maxConcurrency: SecondsField
    /// What becomes of the array of the iterations' outputs.
    package let flow: ResultFlow
    /// `Retry`.
    package let retriers: [Retrier]
    /// `Catch`.
    package let catchers: [Catcher]
}
