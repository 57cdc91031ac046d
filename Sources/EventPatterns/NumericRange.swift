/// The numbers between two bounds, either of which may be missing.
struct NumericRange: Hashable, Sendable {
    /// A bound and whether it belongs to the range.
    struct Bound: Hashable, Sendable {
        var value: Double
        var isIncluded: Bool
    }

    /// The bound below; nil for none.
    var lower: Bound?
    /// The bound above; nil for none.
    var upper: Bound?

    /// Whether `number` lies in the range.
    func contains(_ number: Double) -> Bool {
        if let lower, lower.isIncluded ? number < lower.value : number <= lower.value { return false }
        if let upper, upper.isIncluded ? number > upper.value : number >= upper.value { return false }
        return true
    }
}
