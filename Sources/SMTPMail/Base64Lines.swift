import ByteCoding

/// Base64 as a mail's body carries it.
enum Base64Lines {
    /// In lines of 76 characters, each ended by CRLF (RFC 2045, section 6.8).
    static func encode(_ octets: [UInt8]) -> [UInt8] {
        let octetsPerLine = 57
        var result: [UInt8] = []
        result.reserveCapacity(octets.count * 4 / 3 + octets.count / 28 + 8)
        for start in stride(from: 0, to: octets.count, by: octetsPerLine) {
            result += Base64.encode(Array(octets[start..<min(start + octetsPerLine, octets.count)]))
            result += [.carriageReturn, .lineFeed]
        }
        return result
    }
}
