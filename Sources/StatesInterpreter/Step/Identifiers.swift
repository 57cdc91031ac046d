/// The number of a history event, from 1 in the order of an execution's history. 0 stands for "no event".
package typealias EventID = Int64

/// Names one line of control inside an execution: the root, a branch of a Parallel state, or an iteration of a Map state.
///
/// Numbers are handed out in order and never used twice within an execution.
package struct BranchID: Hashable, Comparable, Sendable {
    /// 0 for the root, then growing.
    package let rawValue: Int64

    /// The branch of that number.
    package init(rawValue: Int64) { self.rawValue = rawValue }

    /// The execution's own line of control.
    package static let root = BranchID(rawValue: 0)

    /// Whether the left branch was made earlier.
    package static func < (left: BranchID, right: BranchID) -> Bool { left.rawValue < right.rawValue }
}

/// Names one attempt of one task of an execution: what an outcome, a heartbeat or a task token refers to.
///
/// Numbers grow from 1 and are never reset, not by a redrive either, so that an outcome of an older attempt is known as such.
package struct EffectNumber: Hashable, Comparable, Sendable {
    /// From 1, growing.
    package let rawValue: Int64

    /// The effect of that number.
    package init(rawValue: Int64) { self.rawValue = rawValue }

    /// Whether the left effect was asked for earlier.
    package static func < (left: EffectNumber, right: EffectNumber) -> Bool { left.rawValue < right.rawValue }
}
