#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Where the product gets random bytes from: the only way to draw randomness.
package protocol RandomSource: Sendable {
    /// Sixty-four fresh random bits.
    func nextWord() -> UInt64

    /// `count` fresh random bytes.
    func bytes(_ count: Int) -> [UInt8]
}

extension RandomSource {
    /// `count` fresh random bytes.
    package func bytes(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 7)
        while bytes.count < count {
            withUnsafeBytes(of: nextWord()) { bytes.append(contentsOf: $0) }
        }
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    /// A number from 0 up to but not including `bound`, each with the same chance.
    package func number(below bound: UInt64) -> UInt64 {
        precondition(bound > 0, "there is no number below zero")
        // Lemire's multiplication; the few words that would favour small numbers are drawn again.
        let threshold = (0 &- bound) % bound
        while true {
            let (high, low) = bound.multipliedFullWidth(by: nextWord())
            if low >= threshold { return high }
        }
    }
}

/// The system's cryptographically secure generator (`getrandom` on Linux): for keys, tokens and identifiers.
package struct SystemRandomSource: RandomSource {
    /// The system's generator; all values of this type are alike.
    package init() {}

    /// Sixty-four bits of the system's generator.
    package func nextWord() -> UInt64 {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }

    /// Bytes of the system's generator, up to 256 with each call of it.
    package func bytes(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            while initialized < count {
                let piece = Swift.min(count - initialized, 256)
                // Up to 256 bytes are never cut short by a signal; there is no other error on a system that runs this program.
                guard getentropy(buffer.baseAddress.map { $0 + initialized }, piece) == 0 else {
                    preconditionFailure("the system gives no random bytes")
                }
                initialized += piece
            }
        }
    }
}
