import FoundationEssentials

/// Base64 (RFC 4648, section 4), through the one library routine that does it.
enum Base64 {
    static func encode(_ octets: [UInt8]) -> String { Data(octets).base64EncodedString() }

    /// In lines of 76 characters, each ended by CRLF (RFC 2045, section 6.8).
    static func encodeLines(_ octets: [UInt8]) -> [UInt8] {
        let octetsPerLine = 57
        var result: [UInt8] = []
        result.reserveCapacity(octets.count * 4 / 3 + octets.count / 28 + 8)
        for start in stride(from: 0, to: octets.count, by: octetsPerLine) {
            let line = octets[start..<min(start + octetsPerLine, octets.count)]
            result += Array(Data(line).base64EncodedString().utf8)
            result += [.carriageReturn, .lineFeed]
        }
        return result
    }
}
