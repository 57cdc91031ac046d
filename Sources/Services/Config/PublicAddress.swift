/// Tells addresses of the Internet from those that only mean something within a network (IANA IPv4 Special-Purpose Address Registry).
enum PublicAddress {
    /// Whether an IPv4 address can be reached from anywhere. Those for documentation count as such.
    static func isPublic(_ address: String) -> Bool {
        let octets = address.split(separator: ".", omittingEmptySubsequences: false).compactMap { UInt8($0) }
        guard octets.count == 4 else { return false }
        return switch (octets[0], octets[1]) {
        // This host, private use, loopback, multicast and what lies above.
        case (0, _), (10, _), (127, _), (224..., _): false
        // Shared by carriers, of one link, private use.
        case (100, 64...127), (169, 254), (172, 16...31), (192, 168): false
        default: true
        }
    }
}
