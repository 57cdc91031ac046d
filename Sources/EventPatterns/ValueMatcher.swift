import JSONCore

/// What a pattern asks of one plain value.
indirect enum ValueMatcher: Hashable, Sendable {
    /// This string, boolean or null, or a number of this value.
    case exactly(JSONValue)
    /// A string that starts so.
    case prefix([UInt8])
    /// A string that ends so.
    case suffix([UInt8])
    /// A string that starts so in any case; the bytes are folded.
    case prefixIgnoringCase([UInt8])
    /// A string that ends so in any case; the bytes are folded.
    case suffixIgnoringCase([UInt8])
    /// This string in any case; the bytes are folded.
    case equalsIgnoringCase([UInt8])
    /// A string that the wildcard describes.
    case wildcard(Wildcard)
    /// A number in the range.
    case numeric(NumericRange)
    /// An IP address in the block.
    case cidr(CIDRBlock)
    /// Any value at all.
    case present
    /// No value: decided by the object pattern, since a value always exists here.
    case absent
    /// A value that fulfils none of these.
    case anythingBut([ValueMatcher])

    /// Whether `value`, which is neither array nor object, fulfils this.
    func matches(_ value: JSONValue) -> Bool {
        switch self {
        case .exactly(let expected): return value == expected
        case .present: return true
        case .absent: return false
        case .anythingBut(let excluded): return !excluded.contains { $0.matches(value) }
        case .numeric(let range): return value.number.map { range.contains($0.double) } ?? false
        case .prefix(let start): return value.string?.bytes.starts(with: start) ?? false
        case .suffix(let end): return value.string.map { Self.ends($0.bytes, with: end) } ?? false
        case .prefixIgnoringCase(let start): return value.string.map { Self.folded($0).starts(with: start) } ?? false
        case .suffixIgnoringCase(let end): return value.string.map { Self.ends(Self.folded($0), with: end) } ?? false
        case .equalsIgnoringCase(let folded): return value.string.map { Self.folded($0) == folded } ?? false
        case .wildcard(let wildcard): return value.string.map { wildcard.matches($0.bytes) } ?? false
        case .cidr(let block): return value.string.map { block.contains($0.text) } ?? false
        }
    }

    /// The string in lower case, for comparisons that ignore case.
    static func folded(_ string: JSONString) -> [UInt8] {
        if string.bytes.allSatisfy({ $0 < 0x80 }) {
            return string.bytes.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }
        }
        return Array(string.text.lowercased().utf8)
    }

    private static func ends(_ bytes: [UInt8], with end: [UInt8]) -> Bool {
        bytes.suffix(end.count).elementsEqual(end)
    }
}
