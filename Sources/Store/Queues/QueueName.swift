/// A queue by its name: what clients, rules and topics know it by.
package struct QueueName: Sendable, Hashable {
    /// The account of twelve digits.
    package let account: String
    /// The name; that of a FIFO queue ends in `.fifo`.
    package let name: String

    /// The queue of this name in an account.
    package init(account: String, name: String) {
        self.account = account
        self.name = name
    }

    /// Whether the name is a FIFO queue's. Names of other queues cannot end so.
    package var isFIFO: Bool { name.utf8.suffix(5).elementsEqual(".fifo".utf8) }
}
