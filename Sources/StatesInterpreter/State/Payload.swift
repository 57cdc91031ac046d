package import JSONCore

/// A JSON document inside an execution, with a number by which state, events and effects refer to it; stored once.
package struct Payload: Hashable, Sendable {
    /// From 1, in the order of making, never used twice within an execution.
    package let number: Int64
    /// The first event of the turn that made the payload, which is the key of the chunk that holds its text.
    package let origin: EventID
    /// The value and its text.
    package let document: JSONDocument

    /// A payload with its number and place.
    package init(number: Int64, origin: EventID, document: JSONDocument) {
        self.number = number
        self.origin = origin
        self.document = document
    }

    /// The value.
    package var value: JSONValue { document.value }

    /// The JSON text.
    package var text: [UInt8] { document.text }
}
