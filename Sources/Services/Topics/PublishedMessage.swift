/// What the publisher of a message is told.
package struct PublishedMessage: Sendable, Hashable {
    /// The `MessageId`.
    package let id: String
    /// The `SequenceNumber`, of FIFO topics.
    package let sequenceNumber: String?

    /// The facts of a message that was taken.
    package init(id: String, sequenceNumber: String? = nil) {
        self.id = id
        self.sequenceNumber = sequenceNumber
    }

    /// As it stands in the inbox: the id, and the number behind a space.
    var encoded: [UInt8] { Array((id + (sequenceNumber.map { " " + $0 } ?? "")).utf8) }

    /// Reads what stands in the inbox.
    init(encoded: [UInt8]) {
        let parts = encoded.split(separator: UInt8(ascii: " "), maxSplits: 1).map { String(decoding: $0, as: UTF8.self) }
        self.init(id: parts.first ?? "", sequenceNumber: parts.count > 1 ? parts[1] : nil)
    }
}
