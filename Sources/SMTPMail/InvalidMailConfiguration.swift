/// Everything that is wrong with a `MailConfiguration`, each problem a sentence that says what to change.
package struct InvalidMailConfiguration: Error, Sendable, Equatable, CustomStringConvertible {
    package let problems: [String]

    package var description: String { problems.joined(separator: "; ") }
}
