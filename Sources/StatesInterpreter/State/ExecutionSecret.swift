/// The key from which an execution draws its randomness: 32 bytes, made when the execution starts, stored with it, never shown.
package struct ExecutionSecret: Hashable, Sendable {
    /// The 32 bytes, eight to a word.
    let words: [UInt64]

    /// The secret of these bytes; shorter ones are filled up with zeros, longer ones cut at 32.
    package init(bytes: [UInt8]) {
        var words: [UInt64] = [0, 0, 0, 0]
        for (index, byte) in bytes.prefix(32).enumerated() {
            words[index / 8] |= UInt64(byte) << UInt64(index % 8 * 8)
        }
        self.words = words
    }

    /// A number that only who knows the secret can foretell, the same for the same event and position each time:
    /// SipHash-2-4 (Aumasson, Bernstein 2012) of both under the secret's halves.
    package func random(event: EventID, position: Int64) -> UInt64 {
        let low = SipHash.hash(UInt64(bitPattern: event), UInt64(bitPattern: position), key: (words[0], words[1]))
        return low ^ SipHash.hash(UInt64(bitPattern: position), UInt64(bitPattern: event), key: (words[2], words[3]))
    }
}

/// SipHash-2-4 over two words.
enum SipHash {
    /// The hash of the two words under the key.
    static func hash(_ first: UInt64, _ second: UInt64, key: (UInt64, UInt64)) -> UInt64 {
        var v0 = key.0 ^ 0x736f_6d65_7073_6575
        var v1 = key.1 ^ 0x646f_7261_6e64_6f6d
        var v2 = key.0 ^ 0x6c79_6765_6e65_7261
        var v3 = key.1 ^ 0x7465_6462_7974_6573
        func rotate(_ value: UInt64, _ by: UInt64) -> UInt64 { value << by | value >> (64 - by) }
        func round() {
            v0 = v0 &+ v1
            v1 = rotate(v1, 13) ^ v0
            v0 = rotate(v0, 32)
            v2 = v2 &+ v3
            v3 = rotate(v3, 16) ^ v2
            v0 = v0 &+ v3
            v3 = rotate(v3, 21) ^ v0
            v2 = v2 &+ v1
            v1 = rotate(v1, 17) ^ v2
            v2 = rotate(v2, 32)
        }
        for word in [first, second, UInt64(16) << 56] {
            v3 ^= word
            round()
            round()
            v0 ^= word
        }
        v2 ^= 0xff
        for _ in 0..<4 { round() }
        return v0 ^ v1 ^ v2 ^ v3
    }
}
