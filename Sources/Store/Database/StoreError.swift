/// Why the store did not do as asked. After an error the first question is whether the write may have happened.
package struct StoreError: Error, Hashable, Sendable {
    /// The kinds of failure; more may come.
    package enum Code: String, Hashable, Sendable {
        /// A statement touched another number of rows than its batch expects, or broke a constraint: somebody was faster.
        case conflict
        /// The disk or the quota is full. Reads go on; writes may work again later.
        case full
        /// The database cannot be reached or answered with a fault of its own.
        case unavailable
        /// Another server took over this node's data; this process must end.
        case fenced
        /// The data is not what this version writes.
        case corrupted
        /// The database is of a newer version than this program.
        case newerSchema
        /// The store was closed.
        case closed
        /// The statement itself is wrong: a bug.
        case invalidStatement
    }

    /// Whether the write may have happened.
    package enum Outcome: String, Hashable, Sendable {
        case notApplied
        case unknown
    }

    /// What kind of failure.
    package let code: Code
    /// Whether the write may have happened.
    package let outcome: Outcome
    /// For the log: the driver's words. Never shows a payload.
    package let detail: String

    /// An error of this kind.
    package init(_ code: Code, outcome: Outcome = .notApplied, detail: String = "") {
        self.code = code
        self.outcome = outcome
        self.detail = detail
    }

    /// Data that this version cannot have written.
    package static func corrupted(_ detail: String) -> StoreError { StoreError(.corrupted, detail: detail) }
}

extension StoreError: CustomStringConvertible {
    /// `code (outcome): detail`.
    package var description: String { "\(code.rawValue) (\(outcome.rawValue)): \(detail)" }
}
