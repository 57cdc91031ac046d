import Synchronization

/// A generator that gives the same words for the same seed (SplitMix64): for tests, never for keys.
package final class SeededRandomSource: RandomSource {
    private let state: Mutex<UInt64>

    /// A generator that starts from `seed`.
    package init(seed: UInt64) {
        state = Mutex(seed)
    }

    /// The next word of the sequence.
    package func nextWord() -> UInt64 {
        state.withLock { state in
            state &+= 0x9E37_79B9_7F4A_7C15
            var word = state
            word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
            word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
            return word ^ (word >> 31)
        }
    }
}
