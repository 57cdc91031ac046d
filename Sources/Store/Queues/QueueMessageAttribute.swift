/// An attribute that a sender puts beside the body of a message.
package struct QueueMessageAttribute: Sendable, Hashable {
    /// What it holds.
    package enum Value: Sendable, Hashable {
        /// Of the types `String` and `Number`.
        case string(String)
        /// Of the type `Binary`.
        case binary([UInt8])
    }

    /// Its name.
    package let name: String
    /// `String`, `Number` or `Binary`, and perhaps a custom label: `Number.float`.
    package let dataType: String
    /// What it holds.
    package let value: Value

    /// An attribute of these parts.
    package init(name: String, dataType: String, value: Value) {
        self.name = name
        self.dataType = dataType
        self.value = value
    }
}
