/// The text of a JSON string or object key.
///
/// JSON text is not Swift's `String`: `"é" == "e\u{301}"` is true in Swift and false in JSON, and a lone surrogate
/// cannot be kept. A `JSONString` holds generalised UTF-8 (RFC 3629 plus three-byte forms of lone surrogates) and
/// compares and hashes by its bytes. Up to fifteen bytes, which most keys have, need no allocation.
public struct JSONString: Sendable {
    @usableFromInline
    enum Storage: Sendable {
        /// Up to fifteen bytes, the first one in the lowest bits of `low`; the highest byte of `high` is the count.
        /// Bytes not used are zero, so equal texts are equal words.
        case small(low: UInt64, high: UInt64)
        /// Sixteen bytes or more.
        case large([UInt8])
    }

    @usableFromInline
    let storage: Storage

    /// How many bytes need no allocation.
    @usableFromInline
    static let smallLimit = 15

    @usableFromInline
    init(storage: Storage) {
        self.storage = storage
    }

    /// Takes bytes that are known to be well-formed generalised UTF-8.
    public init(unchecked bytes: [UInt8]) {
        if bytes.count <= JSONString.smallLimit {
            self = bytes.withUnsafeBufferPointer { JSONString(copying: $0) }
        } else {
            storage = .large(bytes)
        }
    }

    /// Copies bytes that are known to be well-formed generalised UTF-8.
    init(copying bytes: UnsafeBufferPointer<UInt8>) {
        guard bytes.count <= JSONString.smallLimit else {
            storage = .large(Array(bytes))
            return
        }
        var low: UInt64 = 0
        var high = UInt64(bytes.count) << 56
        for index in 0..<bytes.count {
            if index < 8 {
                low |= UInt64(bytes[index]) << UInt64(index * 8)
            } else {
                high |= UInt64(bytes[index]) << UInt64((index - 8) * 8)
            }
        }
        storage = .small(low: low, high: high)
    }

    /// The JSON string of a Swift text, unnormalised.
    public init(_ text: String) {
        var text = text
        self = text.withUTF8 { JSONString(copying: $0) }
    }

    /// The JSON string of a Swift text, unnormalised.
    public init(_ text: some StringProtocol) {
        self.init(String(text))
    }

    /// The bytes in generalised UTF-8: lone surrogates stand as their three-byte form. A short text's bytes are copied;
    /// `withBytes` spares that.
    public var bytes: [UInt8] {
        switch storage {
        case .small: withBytes { Array($0) }
        case .large(let bytes): bytes
        }
    }

    /// How many bytes there are.
    @inlinable
    public var byteCount: Int {
        switch storage {
        case .small(_, let high): Int(high >> 56)
        case .large(let bytes): bytes.count
        }
    }

    /// True when there is no text.
    @inlinable
    public var isEmpty: Bool { byteCount == 0 }

    /// Calls `body` with the bytes, which must not be kept; nothing is allocated.
    @inlinable
    public func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        switch storage {
        case .small(let low, let high):
            let count = Int(high >> 56)
            return withUnsafeBytes(of: (low.littleEndian, high.littleEndian)) { words in
                body(UnsafeBufferPointer(start: words.baseAddress?.assumingMemoryBound(to: UInt8.self), count: count))
            }
        case .large(let bytes):
            return bytes.withUnsafeBufferPointer(body)
        }
    }

    /// The text as a Swift string, for a human or an API. Lone surrogates become U+FFFD.
    public var text: String { withBytes { String(decoding: $0, as: UTF8.self) } }

    /// Compares with a Swift text by bytes, without allocating.
    public static func == (left: JSONString, right: String) -> Bool {
        var text = right
        return text.withUTF8 { utf8 in
            left.withBytes { own in own.count == utf8.count && own.elementsEqual(utf8) }
        }
    }
}

extension JSONString: Hashable {
    /// Texts are equal when their bytes are.
    @inlinable
    public static func == (left: JSONString, right: JSONString) -> Bool {
        switch (left.storage, right.storage) {
        case (.small(let low, let high), .small(let otherLow, let otherHigh)): low == otherLow && high == otherHigh
        case (.large(let bytes), .large(let others)): bytes == others
        default: false
        }
    }

    /// Hashes the bytes.
    public func hash(into hasher: inout Hasher) {
        switch storage {
        case .small(let low, let high):
            hasher.combine(low)
            hasher.combine(high)
        case .large(let bytes):
            bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
        }
    }
}

extension JSONString: ExpressibleByStringLiteral {
    /// Makes the JSON string of a literal.
    public init(stringLiteral value: String) {
        self.init(value)
    }
}

extension JSONString: CustomStringConvertible {
    /// The text itself, not quoted.
    public var description: String { text }
}
