/// A place inside a JSON document (RFC 6901): `/States/Start/Next`.
public struct JSONPointer: Hashable, Sendable {
    /// The keys, and for arrays the indices in decimal digits, from the root.
    public var tokens: [JSONString]

    /// The place that these keys and indices lead to.
    public init(_ tokens: [JSONString] = []) {
        self.tokens = tokens
    }

    /// Reads the text form; nil when it is neither empty nor begins with a slash, or has a tilde without 0 or 1 behind it.
    public init?(_ text: String) {
        tokens = []
        if text.isEmpty { return }
        var parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.removeFirst().isEmpty else { return nil }
        for part in parts {
            guard let token = JSONPointer.unescaped(Array(part)) else { return nil }
            tokens.append(JSONString(unchecked: token))
        }
    }

    /// The place one key further.
    public func appending(_ key: JSONString) -> JSONPointer { JSONPointer(tokens + [key]) }

    /// The place one index further.
    public func appending(_ index: Int) -> JSONPointer { appending(JSONString(String(index))) }

    /// The value at the place, nil when the document has no such place.
    public func value(in document: JSONValue) -> JSONValue? {
        var value = document
        for token in tokens {
            switch value {
            case .object(let object):
                guard let next = object[token] else { return nil }
                value = next
            case .array(let elements):
                guard let index = JSONPointer.index(token), index < elements.count else { return nil }
                value = elements[index]
            default:
                return nil
            }
        }
        return value
    }

    /// An index is written without leading zeros.
    static func index(_ token: JSONString) -> Int? {
        let bytes = token.bytes
        guard !bytes.isEmpty, bytes.count <= 9, bytes.count == 1 || bytes[0] != UInt8(ascii: "0") else { return nil }
        var index = 0
        for byte in bytes {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            index = index * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return index
    }

    private static func unescaped(_ token: [UInt8]) -> [UInt8]? {
        var output: [UInt8] = []
        var index = 0
        while index < token.count {
            guard token[index] == UInt8(ascii: "~") else {
                output.append(token[index])
                index += 1
                continue
            }
            guard index + 1 < token.count else { return nil }
            switch token[index + 1] {
            case UInt8(ascii: "0"): output.append(UInt8(ascii: "~"))
            case UInt8(ascii: "1"): output.append(UInt8(ascii: "/"))
            default: return nil
            }
            index += 2
        }
        return output
    }
}

extension JSONPointer: CustomStringConvertible {
    /// The text form, with `~0` for a tilde and `~1` for a slash.
    public var description: String {
        var output: [UInt8] = []
        for token in tokens {
            output.append(UInt8(ascii: "/"))
            for byte in token.bytes {
                switch byte {
                case UInt8(ascii: "~"): output.append(contentsOf: [UInt8(ascii: "~"), UInt8(ascii: "0")])
                case UInt8(ascii: "/"): output.append(contentsOf: [UInt8(ascii: "~"), UInt8(ascii: "1")])
                default: output.append(byte)
                }
            }
        }
        return String(decoding: output, as: UTF8.self)
    }
}
