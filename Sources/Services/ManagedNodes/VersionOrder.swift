/// Texts in the order in which versions follow each other: runs of digits are compared as numbers, so that 3.9 comes before 3.10.
struct VersionOrder: Comparable {
    private let bytes: [UInt8]

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    static func < (left: VersionOrder, right: VersionOrder) -> Bool { left.order(to: right) < 0 }
    static func == (left: VersionOrder, right: VersionOrder) -> Bool { left.order(to: right) == 0 }

    /// Negative when this one comes first.
    private func order(to other: VersionOrder) -> Int {
        var (left, right) = (bytes[...], other.bytes[...])
        while let one = left.first, let two = right.first {
            guard VersionOrder.isDigit(one), VersionOrder.isDigit(two) else {
                if one != two { return one < two ? -1 : 1 }
                left = left.dropFirst()
                right = right.dropFirst()
                continue
            }
            let (first, second) = (VersionOrder.number(&left), VersionOrder.number(&right))
            if first.count != second.count { return first.count < second.count ? -1 : 1 }
            if first != second { return first.lexicographicallyPrecedes(second) ? -1 : 1 }
        }
        return left.count - right.count
    }

    /// The digits at the front, without leading zeros.
    private static func number(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let digits = rest.prefix(while: isDigit)
        rest = rest.dropFirst(digits.count)
        return digits.drop { $0 == 0x30 }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
}
