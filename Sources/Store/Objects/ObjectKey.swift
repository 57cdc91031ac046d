/// The key of an object: up to 1,024 bytes of UTF-8, compared and ordered by its bytes (S3 User Guide, "Naming Amazon S3 objects").
///
/// Not a `String`, whose equality takes two spellings of the same letter for one key. No path is ever made of a key.
package struct ObjectKey: Sendable, Hashable, Comparable {
    /// The bytes.
    package let bytes: [UInt8]

    /// How many bytes a key may have.
    package static let limit = 1024

    /// A key, or the beginning of keys.
    package init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// A key, or the beginning of keys, of these bytes.
    package init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The key as text.
    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The value of a column.
    package var value: SQLValue { .blob(bytes) }

    /// The order of listings: by bytes.
    package static func < (left: ObjectKey, right: ObjectKey) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }

    /// Whether the key begins with another.
    package func hasPrefix(_ prefix: ObjectKey) -> Bool {
        bytes.starts(with: prefix.bytes)
    }

    /// The first key behind all that begin with this one; nil when there is none.
    package var endOfPrefix: ObjectKey? {
        guard let last = bytes.lastIndex(where: { $0 != 0xFF }) else { return nil }
        return ObjectKey(bytes: bytes[..<last] + [bytes[last] + 1])
    }

    /// The first key behind this one.
    package var next: ObjectKey { ObjectKey(bytes: bytes + [0]) }
}
