/// A block of IP addresses, `10.0.0.0/24` or `2001:db8::/32`.
struct CIDRBlock: Hashable, Sendable {
    private let address: [UInt8]
    private let prefixLength: Int

    /// Reads a block.
    init(_ text: String) throws(EventPatternError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw EventPatternError("Malformed CIDR, one '/' required") }
        guard let address = IPAddress.bytes(String(parts[0])) else {
            throw EventPatternError("Nonstandard IP address: \(parts[0])")
        }
        guard parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let length = Int(parts[1]) else {
            throw EventPatternError("Malformed CIDR, mask bits must be an integer")
        }
        guard length <= address.count * 8 else {
            throw EventPatternError(
                address.count == 4 ? "IPv4 mask bits must be < 32" : "IPv6 mask bits must be < 128")
        }
        self.address = address
        prefixLength = length
    }

    /// Whether `text` is an address of the same family in the block.
    func contains(_ text: String) -> Bool {
        guard let other = IPAddress.bytes(text), other.count == address.count else { return false }
        for bit in 0..<prefixLength {
            let mask = UInt8(0x80) >> UInt8(bit % 8)
            if address[bit / 8] & mask != other[bit / 8] & mask { return false }
        }
        return true
    }
}

/// Addresses of IP in their written forms.
enum IPAddress {
    /// The 4 or 16 bytes of an address (RFC 4291, section 2.2), or nil when `text` is none.
    static func bytes(_ text: String) -> [UInt8]? {
        text.contains(":") ? version6(text) : version4(text)
    }

    private static func version4(_ text: some StringProtocol) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            guard part.utf8.count <= 3, part.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let byte = UInt8(part)
            else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    private static func version6(_ text: String) -> [UInt8]? {
        guard let gap = text.firstRange(of: "::") else {
            return groups(text).flatMap { $0.count == 16 ? $0 : nil }
        }
        guard let head = groups(text[..<gap.lowerBound]), let tail = groups(text[gap.upperBound...]),
            head.count + tail.count <= 14
        else { return nil }
        return head + [UInt8](repeating: 0, count: 16 - head.count - tail.count) + tail
    }

    /// The bytes of groups between colons, the last of which may be an IPv4 address.
    private static func groups(_ text: some StringProtocol) -> [UInt8]? {
        guard !text.isEmpty else { return [] }
        var bytes: [UInt8] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, part.contains(".") {
                guard let last = version4(part) else { return nil }
                bytes += last
            } else {
                guard (1...4).contains(part.utf8.count), part.utf8.first != UInt8(ascii: "+"),
                    let group = UInt16(part, radix: 16)
                else { return nil }
                bytes += [UInt8(group >> 8), UInt8(group & 0xFF)]
            }
        }
        return bytes
    }
}
