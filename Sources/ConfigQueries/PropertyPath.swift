/// A property of a configuration item: its name, and the names of what is nested in it.
package struct PropertyPath: Hashable, Sendable {
    /// At least one name.
    package let names: [String]

    /// A path of these names, which must not be empty.
    package init(_ names: [String]) {
        self.names = names
    }

    /// The names between dots, without quotes: how answers call the field.
    package var text: String { names.joined(separator: ".") }
}
