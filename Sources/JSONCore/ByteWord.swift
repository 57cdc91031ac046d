/// Eight bytes looked at as one word, the first byte in the lowest bits.
enum ByteWord {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080

    /// Has the highest bit of each byte set that a JSON string cannot hold as it is or that is not ASCII. Only the lowest
    /// bit that is set is certain: a borrow may set others above it.
    @inline(__always)
    static func stops(_ word: UInt64) -> UInt64 {
        let control = word &- ones &* 0x20
        let quote = (word ^ ones &* 0x22) &- ones
        let backslash = (word ^ ones &* 0x5C) &- ones
        return (control | quote | backslash | word) & highs
    }

    /// Keeps the first `count` bytes; none when `count` is negative, all when it is eight or more.
    @inline(__always)
    static func mask(_ count: Int) -> UInt64 {
        if count >= 8 { return .max }
        return count <= 0 ? 0 : (1 << UInt64(count * 8)) &- 1
    }
}
