/// Code points and UTF-16 code units, which other languages count and order by.
extension JSONString {
    /// The text as UTF-16 code units, lone surrogates included: what ECMAScript and Java count and order by.
    public var utf16: [UInt16] {
        var units: [UInt16] = []
        units.reserveCapacity(byteCount)
        forEachScalar { value in
            if value < 0x10000 {
                units.append(UInt16(value))
            } else {
                let rest = value - 0x10000
                units.append(UInt16(0xD800 + (rest >> 10)))
                units.append(UInt16(0xDC00 + (rest & 0x3FF)))
            }
        }
        return units
    }

    /// Makes a string of UTF-16 code units; a surrogate without its partner is kept.
    public init(utf16 units: some Sequence<UInt16>) {
        var bytes: [UInt8] = []
        var high: UInt32?
        for unit in units {
            let value = UInt32(unit)
            if let first = high {
                high = nil
                if value >= 0xDC00, value <= 0xDFFF {
                    JSONString.append(scalar: 0x10000 + ((first - 0xD800) << 10) + (value - 0xDC00), to: &bytes)
                    continue
                }
                JSONString.append(scalar: first, to: &bytes)
            }
            if value >= 0xD800, value <= 0xDBFF {
                high = value
            } else {
                JSONString.append(scalar: value, to: &bytes)
            }
        }
        if let high { JSONString.append(scalar: high, to: &bytes) }
        self.init(unchecked: bytes)
    }

    /// Calls `body` with each code point in order; lone surrogates are passed as their own value.
    @inlinable
    public func forEachScalar(_ body: (UInt32) -> Void) {
        withBytes { bytes in
            var index = 0
            let count = bytes.count
            while index < count {
                let first = UInt32(bytes[index])
                if first < 0x80 {
                    body(first)
                    index += 1
                } else if first < 0xE0, index + 1 < count {
                    body((first & 0x1F) << 6 | UInt32(bytes[index + 1]) & 0x3F)
                    index += 2
                } else if first < 0xF0, index + 2 < count {
                    body((first & 0x0F) << 12 | (UInt32(bytes[index + 1]) & 0x3F) << 6 | UInt32(bytes[index + 2]) & 0x3F)
                    index += 3
                } else if index + 3 < count {
                    let upper = (first & 0x07) << 18 | (UInt32(bytes[index + 1]) & 0x3F) << 12
                    body(upper | (UInt32(bytes[index + 2]) & 0x3F) << 6 | UInt32(bytes[index + 3]) & 0x3F)
                    index += 4
                } else {
                    body(0xFFFD)
                    index = count
                }
            }
        }
    }

    /// Appends one code point in generalised UTF-8.
    @inlinable
    public static func append(scalar value: UInt32, to bytes: inout [UInt8]) {
        switch value {
        case ..<0x80:
            bytes.append(UInt8(value))
        case ..<0x800:
            bytes.append(UInt8(0xC0 | value >> 6))
            bytes.append(UInt8(0x80 | value & 0x3F))
        case ..<0x10000:
            bytes.append(UInt8(0xE0 | value >> 12))
            bytes.append(UInt8(0x80 | (value >> 6) & 0x3F))
            bytes.append(UInt8(0x80 | value & 0x3F))
        default:
            bytes.append(UInt8(0xF0 | (value >> 18) & 0x07))
            bytes.append(UInt8(0x80 | (value >> 12) & 0x3F))
            bytes.append(UInt8(0x80 | (value >> 6) & 0x3F))
            bytes.append(UInt8(0x80 | value & 0x3F))
        }
    }

    /// Orders by UTF-16 code unit, as Java's `String.compareTo` and ECMAScript's `<` do.
    public static func utf16Precedes(_ left: JSONString, _ right: JSONString) -> Bool {
        left.withBytes { first in
            right.withBytes { second in
                // Byte order and UTF-16 order agree but for supplementary characters, which begin with 0xF0 or more and
                // come before U+E000 to U+FFFF, which begin with 0xEE or 0xEF.
                if first.contains(where: { $0 >= 0xEE }) || second.contains(where: { $0 >= 0xEE }) {
                    return left.utf16.lexicographicallyPrecedes(right.utf16)
                }
                return first.lexicographicallyPrecedes(second)
            }
        }
    }
}
