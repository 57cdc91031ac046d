/// Finds bytes in bytes.
enum ByteSearch {
    /// Whether `part` stands somewhere in `text`. Its work is bounded by the product of both lengths.
    static func contains(_ text: [UInt8], _ part: [UInt8]) -> Bool {
        guard let first = part.first else { return true }
        guard part.count <= text.count else { return false }
        return (0...(text.count - part.count)).contains { start in
            text[start] == first && text[start..<(start + part.count)].elementsEqual(part)
        }
    }
}
