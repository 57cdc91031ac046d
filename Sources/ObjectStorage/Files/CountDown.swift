import Synchronization

/// Tells the last of several that it is the last.
final class CountDown: Sendable {
    private let left: Atomic<Int>

    /// A count of so many.
    init(_ count: Int) {
        left = Atomic(count)
    }

    /// Counts one; true for the last.
    func isLast() -> Bool {
        left.subtract(1, ordering: .acquiringAndReleasing).newValue == 0
    }
}
