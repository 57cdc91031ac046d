import Synchronization

/// Words of another source, drawn many at a time: for identifiers, of which each request takes several.
///
/// A word that was given out is not kept. Keys and secrets are better drawn from the source itself.
package final class BufferedRandomSource: RandomSource {
    private let source: any RandomSource
    private let words = Mutex<[UInt64]>([])

    /// How many words are drawn at once.
    private static let capacity = 512

    /// A buffer in front of `source`.
    package init(_ source: any RandomSource) {
        self.source = source
    }

    /// The next word of the source.
    package func nextWord() -> UInt64 {
        words.withLock { words in
            if let word = words.popLast() { return word }
            let bytes = source.bytes(BufferedRandomSource.capacity * 8)
            words = bytes.withUnsafeBytes { Array($0.bindMemory(to: UInt64.self)) }
            return words.removeLast()
        }
    }
}
