import AWSProtocols

/// What queues may be called (Amazon SQS API Reference, CreateQueue: `QueueName`).
enum QueueNameRules {
    /// The longest name, the suffix of FIFO queues included.
    private static let longest = 80

    /// Whether a queue of either type may have the name.
    static func isName(_ name: String) -> Bool {
        let bytes = name.utf8.suffix(5).elementsEqual(".fifo".utf8) ? name.utf8.dropLast(5) : name.utf8[...]
        return !bytes.isEmpty && name.utf8.count <= longest && bytes.allSatisfy(isNameByte)
    }

    /// Checks the name of a new queue.
    static func check(_ name: String, isFIFO: Bool) throws(APIError) {
        let hasSuffix = name.utf8.suffix(5).elementsEqual(".fifo".utf8)
        guard isName(name), hasSuffix == isFIFO else {
            throw SQSError.invalidParameter(
                isFIFO
                    ? "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo "
                        + "suffix and be 1 to 80 in length."
                    : "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")
        }
    }

    /// Whether the byte is a letter, a digit, a hyphen or an underscore.
    static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), 0x30...0x39, UInt8(ascii: "-"),
            UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
