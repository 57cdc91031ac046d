import AWSProtocols

/// Which characters messages may have: those of XML 1.0, as AWS's first protocol was XML (Amazon SQS API Reference, SendMessage).
enum MessageText {
    /// Checks a text.
    /// - Parameter place: where it stands, for the error: `message body`.
    static func check(_ text: String, in place: String) throws(APIError) {
        var text = text
        guard let position = text.withUTF8(firstForbidden) else { return }
        let index = text.utf8.index(text.utf8.startIndex, offsetBy: position)
        throw SQSError.invalidCharacter(text.unicodeScalars[index], in: place)
    }

    /// The offset of the first character that is not allowed.
    private static func firstForbidden(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        for (index, byte) in bytes.enumerated() {
            // All that is not allowed: control characters, and U+FFFE and U+FFFF, which are EF BF BE and EF BF BF.
            if byte < 0x20 {
                if byte != 0x09, byte != 0x0A, byte != 0x0D { return index }
            } else if byte == 0xEF, bytes[index + 1] == 0xBF, bytes[index + 2] >= 0xBE {
                return index
            }
        }
        return nil
    }

    /// Whether the text may be a group's or a deduplication id: 1 to 128 letters, digits and punctuation marks.
    static func isID(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}
