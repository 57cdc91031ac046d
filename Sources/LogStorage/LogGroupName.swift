/// The name of a log group within an account: accounts are tenants, so a group is never named without one.
package struct LogGroupName: Hashable, Sendable, CustomStringConvertible {
    /// The account's twelve digits.
    package let account: String
    /// The name, such as `/aws/lambda/report`.
    package let name: String

    /// Names the group `name` of an account.
    package init(account: String, name: String) {
        self.account = account
        self.name = name
    }

    /// The group's name without its account.
    package var description: String { name }
}

/// Text that compares, hashes and sorts by its UTF-8 bytes; `String` would take two names for one that differ in normalisation.
struct ExactText: Hashable, Comparable, Sendable {
    /// The text itself.
    let text: String

    /// Wraps a text.
    init(_ text: String) { self.text = text }

    /// Whether the bytes are the same.
    static func == (left: ExactText, right: ExactText) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

    /// Whether the bytes of the left one come first.
    static func < (left: ExactText, right: ExactText) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }

    /// Hashes the bytes.
    func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }

    /// Whether the bytes begin with those of `prefix`.
    func hasPrefix(_ prefix: String) -> Bool { text.utf8.starts(with: prefix.utf8) }
}
