/// A message that does not have the form this version describes.
package struct WireError: Error, Equatable, CustomStringConvertible {
    /// The member that is wrong, dotted from the message's top; empty for the message itself.
    package let member: String
    /// What was expected.
    package let expected: String

    package init(member: String, expected: String) {
        self.member = member
        self.expected = expected
    }

    /// `output.offset: expected a whole number`. Never the offending value, which may be secret.
    package var description: String { "\(member.isEmpty ? "message" : member): expected \(expected)" }
}
