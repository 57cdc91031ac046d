/// Why stored bytes could not be read. Never a reason to guess: the execution is quarantined.
package enum PersistenceError: Error, Hashable, Sendable {
    /// Written by a version of the format that this code does not know.
    case unknownVersion(UInt8)
    /// The checksum does not fit: damaged on the way to or from the disk.
    case checksumMismatch
    /// The bytes end early or hold something that the format does not have; the offset says where.
    case malformed(offset: Int)
    /// A payload is referred to that neither these bytes nor the table hold.
    case missingPayload(PayloadReference)
}

/// Where a payload is stored: its number, and the first event of the chunk that holds it.
package struct PayloadReference: Hashable, Sendable {
    /// The payload's number.
    package var number: Int64
    /// Key of the chunk with its text.
    package var origin: EventID

    /// A reference.
    package init(number: Int64, origin: EventID) {
        self.number = number
        self.origin = origin
    }
}

/// Payloads by number: what decoding resolves references with, and adds to.
package struct PayloadTable: Sendable {
    private var payloads: [Int64: Payload] = [:]

    /// An empty table.
    package init() {}

    /// Adds a payload.
    package mutating func insert(_ payload: Payload) { payloads[payload.number] = payload }

    /// The payload of a number.
    package subscript(number: Int64) -> Payload? { payloads[number] }
}
