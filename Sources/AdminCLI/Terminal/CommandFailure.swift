/// What a command could not do, and what the operator can do about it. The process ends with exit code 1.
package struct CommandFailure: Error, CustomStringConvertible, Hashable {
    /// What is wrong and where.
    package let problem: String
    /// What to do; may be empty.
    package let advice: String

    /// A failure with its way out.
    package init(_ problem: String, advice: String = "") {
        self.problem = problem
        self.advice = advice
    }

    /// Both, the advice on its own line.
    package var description: String {
        advice.isEmpty ? problem : problem + "\n" + advice
    }
}
