/// What the values of a shape must satisfy, as far as AWS's model says.
package struct Constraints: Sendable {
    /// The least length of a text (in code points), list, map or blob, or the least value of a number.
    package let minimum: Int64?
    /// The greatest length or value.
    package let maximum: Int64?
    /// What a text must match as a whole.
    package let pattern: TextPattern?
    /// The texts that are allowed; empty when any is.
    package let values: [String]

    /// Constraints of these limits; the defaults allow everything.
    package init(minimum: Int64? = nil, maximum: Int64? = nil, pattern: TextPattern? = nil, values: [String] = []) {
        self.minimum = minimum
        self.maximum = maximum
        self.pattern = pattern
        self.values = values
    }

    /// Whether everything is allowed.
    package var isEmpty: Bool { minimum == nil && maximum == nil && pattern == nil && values.isEmpty }
}
