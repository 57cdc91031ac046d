/// The addresses of an IP address (one) or of a block in CIDR notation, of one family.
package struct AddressRange: Hashable, Sendable {
    private let isVersion6: Bool
    private let lowest: UInt128
    private let highest: UInt128

    /// Reads `192.0.2.1`, `192.0.2.0/24`, `2001:db8::1` or `2001:db8::/32`; nil for any other text.
    package init?(_ text: String) {
        // Most values are no addresses: the first character tells.
        guard let first = text.utf8.first, first == 0x3A || AddressRange.digit(first) != nil else { return nil }
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = parts.first else { return nil }
        let bits: Int
        let value: UInt128
        if let version4 = AddressRange.version4(address) {
            (isVersion6, bits, value) = (false, 32, UInt128(version4))
        } else if let version6 = AddressRange.version6(address) {
            (isVersion6, bits, value) = (true, 128, version6)
        } else {
            return nil
        }
        var prefix = bits
        if parts.count == 2 {
            guard let length = Int(parts[1]), (0...bits).contains(length), parts[1].utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 })
            else { return nil }
            prefix = length
        }
        let free: UInt128 = prefix == 0 && bits == 128 ? .max : (UInt128(1) << UInt128(bits - prefix)) - 1
        lowest = value & ~free
        highest = value | free
    }

    /// Whether a found range stands so to a wanted one.
    func holds(_ comparison: Comparison, _ wanted: AddressRange) -> Bool {
        guard isVersion6 == wanted.isVersion6 else { return comparison == .notEqual }
        return switch comparison {
        case .equal: meets(wanted)
        case .notEqual: !meets(wanted)
        case .less: lowest < wanted.lowest
        case .lessOrEqual: lowest <= wanted.highest
        case .greater: highest > wanted.highest
        case .greaterOrEqual: highest >= wanted.lowest
        }
    }

    /// Whether a found range has addresses from one range up to another.
    func isBetween(_ first: AddressRange, _ last: AddressRange) -> Bool {
        isVersion6 == first.isVersion6 && isVersion6 == last.isVersion6 && highest >= first.lowest && lowest <= last.highest
    }

    private func meets(_ other: AddressRange) -> Bool { lowest <= other.highest && highest >= other.lowest }

    private static func version4(_ text: Substring) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var value: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let octet = UInt8(part)
            else { return nil }
            value = value << 8 | UInt32(octet)
        }
        return value
    }

    /// RFC 4291, section 2.2: groups of hexadecimal digits, one `::`, and an IPv4 address at the end.
    private static func version6(_ text: Substring) -> UInt128? {
        var halves: [[UInt16]] = [[]]
        var rest = text
        if rest.hasPrefix("::") {
            halves.append([])
            rest = rest.dropFirst(2)
        } else if rest.hasPrefix(":") {
            return nil
        }
        while !rest.isEmpty {
            let group = rest.prefix { $0 != ":" }
            rest = rest.dropFirst(group.count)
            if rest.isEmpty, let version4 = version4(group) {
                halves[halves.count - 1] += [UInt16(version4 >> 16), UInt16(version4 & 0xFFFF)]
                break
            }
            guard (1...4).contains(group.utf8.count), group.utf8.allSatisfy({ digit($0) != nil }), let value = UInt16(group, radix: 16)
            else { return nil }
            halves[halves.count - 1].append(value)
            if rest.hasPrefix("::") {
                guard halves.count == 1 else { return nil }
                halves.append([])
                rest = rest.dropFirst(2)
            } else if rest.hasPrefix(":") {
                rest = rest.dropFirst()
                if rest.isEmpty { return nil }
            }
        }
        let written = halves.reduce(0) { $0 + $1.count }
        guard halves.count == 2 ? written < 8 : written == 8 else { return nil }
        let groups = halves[0] + Array(repeating: 0, count: 8 - written) + (halves.count == 2 ? halves[1] : [])
        return groups.reduce(UInt128(0)) { $0 << 16 | UInt128($1) }
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39, 0x41...0x46, 0x61...0x66: byte
        default: nil
        }
    }
}
