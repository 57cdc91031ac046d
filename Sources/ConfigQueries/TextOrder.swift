import JSONCore

/// Text ordered by its bytes, as an index orders it.
struct TextOrder: Comparable {
    private let bytes: [UInt8]

    init(_ text: String) { bytes = Array(text.utf8) }

    static func < (left: TextOrder, right: TextOrder) -> Bool { left.bytes.lexicographicallyPrecedes(right.bytes) }
}
