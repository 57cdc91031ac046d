import ByteCoding

/// What names one receive of a message: the queue, the place, and the receive's random number, as text that clients do not read.
struct ReceiptHandle: Hashable {
    /// The queue's id.
    let queue: Int64
    /// The message's place.
    let sequence: Int64
    /// The receive's random number.
    let nonce: Int64

    /// Of the first byte: another form would have another one.
    private static let format: UInt8 = 1

    /// The handle of one receive.
    init(queue: Int64, sequence: Int64, nonce: Int64) {
        self.queue = queue
        self.sequence = sequence
        self.nonce = nonce
    }

    /// Reads a handle; nil when the text is none.
    init?(_ text: String) {
        guard text.utf8.count == 36, let bytes = Base64.decode(text.utf8), bytes.count == 25, bytes[0] == ReceiptHandle.format else {
            return nil
        }
        func number(_ start: Int) -> Int64 {
            Int64(bitPattern: bytes[start..<start + 8].reduce(0) { $0 << 8 | UInt64($1) })
        }
        self.init(queue: number(1), sequence: number(9), nonce: number(17))
    }

    /// The handle as text.
    var text: String {
        var bytes: [UInt8] = [ReceiptHandle.format]
        bytes.reserveCapacity(25)
        for word in [queue, sequence, nonce] {
            for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: word >> Int64(shift))) }
        }
        return Base64.text(bytes)
    }
}
