/// Reads JSON text (RFC 8259) into a `JSONValue`: order kept, numbers exact, lone surrogates kept, depth bounded.
public struct JSONParser {
    /// What to do with a key that an object has twice.
    public enum DuplicateKeys: Sendable {
        /// The last value stays, as in ECMAScript and Jackson.
        case keepLast
        /// An error at the second key.
        case reject
    }

    /// How deeply arrays and objects may nest unless said otherwise.
    public static let defaultDepthLimit = 512

    private let base: UnsafeBufferPointer<UInt8>
    private var index = 0
    private var depth = 0
    private let depthLimit: Int
    private let duplicateKeys: DuplicateKeys

    private init(base: UnsafeBufferPointer<UInt8>, depthLimit: Int, duplicateKeys: DuplicateKeys) {
        self.base = base
        self.depthLimit = depthLimit
        self.duplicateKeys = duplicateKeys
    }

    /// Parses a whole text; anything but white space after the value is an error.
    public static func parse(
        _ text: [UInt8], depthLimit: Int = defaultDepthLimit, duplicateKeys: DuplicateKeys = .keepLast
    ) throws(JSONParseError) -> JSONValue {
        var outcome: Result<JSONValue, JSONParseError> = .failure(JSONParseError(reason: .unexpectedEnd, offset: 0))
        text.withUnsafeBufferPointer { buffer in
            outcome = parse(buffer, depthLimit: depthLimit, duplicateKeys: duplicateKeys)
        }
        return try outcome.get()
    }

    /// Parses the UTF-8 of a Swift text.
    public static func parse(_ text: String) throws(JSONParseError) -> JSONValue {
        try parse(Array(text.utf8))
    }

    private static func parse(
        _ buffer: UnsafeBufferPointer<UInt8>, depthLimit: Int, duplicateKeys: DuplicateKeys
    ) -> Result<JSONValue, JSONParseError> {
        var parser = JSONParser(base: buffer, depthLimit: depthLimit, duplicateKeys: duplicateKeys)
        do throws(JSONParseError) {
            let value = try parser.value()
            parser.skipSpace()
            guard parser.index == buffer.count else { throw parser.error(.trailingText) }
            return .success(value)
        } catch {
            return .failure(error)
        }
    }

    private func error(_ reason: JSONParseError.Reason) -> JSONParseError {
        JSONParseError(reason: reason, offset: index)
    }

    private mutating func skipSpace() {
        while index < base.count {
            let byte = base[index]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
            index += 1
        }
    }

    private mutating func value() throws(JSONParseError) -> JSONValue {
        skipSpace()
        guard index < base.count else { throw error(.unexpectedEnd) }
        switch base[index] {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"):
            try word("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try word("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try word("null")
            return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
        default: throw error(.unexpectedCharacter)
        }
    }

    private mutating func word(_ text: StaticString) throws(JSONParseError) {
        for offset in 0..<text.utf8CodeUnitCount {
            guard index < base.count else { throw error(.unexpectedEnd) }
            guard base[index] == text.utf8Start[offset] else { throw error(.unexpectedCharacter) }
            index += 1
        }
    }

    private mutating func number() throws(JSONParseError) -> JSONNumber {
        let start = index
        var plain = true
        while index < base.count {
            switch base[index] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): index += 1
            case UInt8(ascii: "-") where index == start: index += 1
            case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "+"), UInt8(ascii: "-"):
                plain = false
                index += 1
            default:
                return try number(from: start, plain: plain)
            }
        }
        return try number(from: start, plain: plain)
    }

    private mutating func number(from start: Int, plain: Bool) throws(JSONParseError) -> JSONNumber {
        let length = index - start
        if plain, length <= 18 {
            let negative = base[start] == UInt8(ascii: "-")
            let first = negative ? start + 1 : start
            if first < index, base[first] != UInt8(ascii: "0") || (index == first + 1 && !negative) {
                var value: Int64 = 0
                for position in first..<index { value = value &* 10 &+ Int64(base[position] &- 0x30) }
                return JSONNumber(negative ? -value : value)
            }
        }
        guard let number = JSONNumber.parse(Array(base[start..<index])) else {
            throw JSONParseError(reason: .badNumber, offset: start)
        }
        return number
    }

    private mutating func array() throws(JSONParseError) -> JSONValue {
        try descend()
        var elements: [JSONValue] = []
        skipSpace()
        if index < base.count, base[index] == UInt8(ascii: "]") {
            index += 1
            depth -= 1
            return .array(elements)
        }
        while true {
            elements.append(try value())
            skipSpace()
            guard index < base.count else { throw error(.unexpectedEnd) }
            switch base[index] {
            case UInt8(ascii: ","): index += 1
            case UInt8(ascii: "]"):
                index += 1
                depth -= 1
                return .array(elements)
            default: throw error(.unexpectedCharacter)
            }
        }
    }

    private mutating func object() throws(JSONParseError) -> JSONValue {
        try descend()
        var object = JSONObject()
        skipSpace()
        if index < base.count, base[index] == UInt8(ascii: "}") {
            index += 1
            depth -= 1
            return .object(object)
        }
        while true {
            skipSpace()
            guard index < base.count else { throw error(.unexpectedEnd) }
            guard base[index] == UInt8(ascii: "\"") else { throw error(.unexpectedCharacter) }
            let keyOffset = index
            let key = try string()
            skipSpace()
            guard index < base.count else { throw error(.unexpectedEnd) }
            guard base[index] == UInt8(ascii: ":") else { throw error(.unexpectedCharacter) }
            index += 1
            let isNew = object.set(key, try value())
            if !isNew, duplicateKeys == .reject { throw JSONParseError(reason: .duplicateKey, offset: keyOffset) }
            skipSpace()
            guard index < base.count else { throw error(.unexpectedEnd) }
            switch base[index] {
            case UInt8(ascii: ","): index += 1
            case UInt8(ascii: "}"):
                index += 1
                depth -= 1
                return .object(object)
            default: throw error(.unexpectedCharacter)
            }
        }
    }

    private mutating func descend() throws(JSONParseError) {
        depth += 1
        guard depth <= depthLimit else { throw error(.tooDeep) }
        index += 1
    }

    private mutating func string() throws(JSONParseError) -> JSONString {
        index += 1
        let start = index
        var hasHighBit = false
        while index < base.count {
            let byte = base[index]
            if byte == UInt8(ascii: "\"") {
                let slice = base[start..<index]
                if hasHighBit { try validate(slice) }
                index += 1
                return JSONString(unchecked: Array(slice))
            }
            if byte == UInt8(ascii: "\\") { return try escapedString(from: start) }
            if byte < 0x20 { throw error(.controlCharacter) }
            if byte >= 0x80 { hasHighBit = true }
            index += 1
        }
        throw error(.unexpectedEnd)
    }

    private mutating func escapedString(from start: Int) throws(JSONParseError) -> JSONString {
        var bytes = Array(base[start..<index])
        var runStart = start
        while index < base.count {
            let byte = base[index]
            switch byte {
            case UInt8(ascii: "\""):
                try validate(base[runStart..<index])
                index += 1
                return JSONString(unchecked: bytes)
            case UInt8(ascii: "\\"):
                try validate(base[runStart..<index])
                try escape(into: &bytes)
                runStart = index
            case 0..<0x20:
                throw error(.controlCharacter)
            default:
                bytes.append(byte)
                index += 1
            }
        }
        throw error(.unexpectedEnd)
    }

    private mutating func escape(into bytes: inout [UInt8]) throws(JSONParseError) {
        index += 1
        guard index < base.count else { throw error(.unexpectedEnd) }
        let byte = base[index]
        index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(byte)
        case UInt8(ascii: "b"): bytes.append(0x08)
        case UInt8(ascii: "f"): bytes.append(0x0C)
        case UInt8(ascii: "n"): bytes.append(0x0A)
        case UInt8(ascii: "r"): bytes.append(0x0D)
        case UInt8(ascii: "t"): bytes.append(0x09)
        case UInt8(ascii: "u"):
            var scalar = try hexUnit()
            if scalar >= 0xD800, scalar <= 0xDBFF, index + 1 < base.count,
                base[index] == UInt8(ascii: "\\"), base[index + 1] == UInt8(ascii: "u")
            {
                let rewind = index
                index += 2
                let low = try hexUnit()
                if low >= 0xDC00, low <= 0xDFFF {
                    scalar = 0x10000 + ((scalar - 0xD800) << 10) + (low - 0xDC00)
                } else {
                    index = rewind
                }
            }
            JSONString.append(scalar: scalar, to: &bytes)
        default:
            index -= 1
            throw error(.badEscape)
        }
    }

    private mutating func hexUnit() throws(JSONParseError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard index < base.count else { throw error(.unexpectedEnd) }
            let byte = base[index]
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt32(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt32(byte - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): value = value << 4 | UInt32(byte - UInt8(ascii: "A") + 10)
            default: throw error(.badEscape)
            }
            index += 1
        }
        return value
    }

    private func validate(_ slice: Slice<UnsafeBufferPointer<UInt8>>) throws(JSONParseError) {
        guard UTF8Validation.isValid(slice) else { throw JSONParseError(reason: .invalidUTF8, offset: slice.startIndex) }
    }
}
