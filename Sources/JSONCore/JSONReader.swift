/// One pass over a JSON text.
///
/// It works on memory that its caller keeps valid; every access is behind a comparison with `count`.
struct JSONReader: ~Copyable {
    private let base: UnsafePointer<UInt8>
    private let count: Int
    private var index = 0
    private var depth = 0
    private let depthLimit: Int
    private let rejectsDuplicates: Bool
    /// Elements and members of the arrays and objects that are open.
    private var elements = ValueStack<JSONValue>(capacity: 32)
    private var members = ValueStack<JSONObject.Member>(capacity: 32)
    /// Where the keys of `members` stand; filled only when duplicates are rejected.
    private var keyOffsets: [Int] = []

    init(_ buffer: UnsafeBufferPointer<UInt8>, depthLimit: Int, duplicateKeys: JSONParser.DuplicateKeys) {
        // An empty text may have no address; nothing is read from this one.
        base = buffer.baseAddress ?? UnsafePointer(bitPattern: 1).unsafelyUnwrapped
        count = buffer.count
        self.depthLimit = depthLimit
        rejectsDuplicates = duplicateKeys == .reject
    }

    /// Reads the only value of the text.
    mutating func document() throws(JSONParseError) -> JSONValue {
        let value = try self.value()
        skipSpace()
        guard index == count else { throw error(.trailingText) }
        return value
    }

    private func error(_ reason: JSONParseError.Reason) -> JSONParseError {
        JSONParseError(reason: reason, offset: index)
    }

    @inline(__always)
    private mutating func skipSpace() {
        while index < count {
            let byte = base[index]
            guard byte <= 0x20, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
            index += 1
        }
    }

    /// The next byte that is no white space, not stepped over.
    @inline(__always)
    private mutating func next() throws(JSONParseError) -> UInt8 {
        skipSpace()
        guard index < count else { throw error(.unexpectedEnd) }
        return base[index]
    }

    private mutating func value() throws(JSONParseError) -> JSONValue {
        switch try next() {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "{"): return .object(try object())
        case UInt8(ascii: "["): return .array(try array())
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
            guard index < count else { throw error(.unexpectedEnd) }
            guard base[index] == text.utf8Start[offset] else { throw error(.unexpectedCharacter) }
            index += 1
        }
    }

    private mutating func descend() throws(JSONParseError) {
        depth += 1
        guard depth <= depthLimit else { throw error(.tooDeep) }
        index += 1
    }

    private mutating func array() throws(JSONParseError) -> [JSONValue] {
        try descend()
        let start = elements.count
        if try next() == UInt8(ascii: "]") {
            index += 1
            depth -= 1
            return []
        }
        while true {
            elements.push(try value())
            switch try next() {
            case UInt8(ascii: ","): index += 1
            case UInt8(ascii: "]"):
                index += 1
                depth -= 1
                return elements.popArray(from: start)
            default: throw error(.unexpectedCharacter)
            }
        }
    }

    private mutating func object() throws(JSONParseError) -> JSONObject {
        try descend()
        let start = members.count
        if try next() == UInt8(ascii: "}") {
            index += 1
            depth -= 1
            return JSONObject()
        }
        while true {
            guard try next() == UInt8(ascii: "\"") else { throw error(.unexpectedCharacter) }
            if rejectsDuplicates { keyOffsets.append(index) }
            let key = try string()
            guard try next() == UInt8(ascii: ":") else { throw error(.unexpectedCharacter) }
            index += 1
            members.push(JSONObject.Member(key: key, value: try value()))
            switch try next() {
            case UInt8(ascii: ","): index += 1
            case UInt8(ascii: "}"):
                index += 1
                depth -= 1
                return try finishedObject(from: start)
            default: throw error(.unexpectedCharacter)
            }
        }
    }

    private mutating func finishedObject(from start: Int) throws(JSONParseError) -> JSONObject {
        let parsed = members.popArray(from: start)
        if let object = JSONObject(uniqueMembers: parsed) {
            if rejectsDuplicates { keyOffsets.removeLast(parsed.count) }
            return object
        }
        var object = JSONObject(capacity: parsed.count)
        for (position, member) in parsed.enumerated() {
            let isNew = object.set(member.key, member.value)
            if rejectsDuplicates, !isNew {
                let offset = keyOffsets[keyOffsets.count - parsed.count + position]
                throw JSONParseError(reason: .duplicateKey, offset: offset)
            }
        }
        return object
    }

    private mutating func number() throws(JSONParseError) -> JSONNumber {
        let start = index
        let isNegative = base[index] == UInt8(ascii: "-")
        if isNegative { index += 1 }
        var value: Int64 = 0
        let firstDigit = index
        while index < count, base[index] &- UInt8(ascii: "0") <= 9 {
            value = value &* 10 &+ Int64(base[index] &- UInt8(ascii: "0"))
            index += 1
        }
        let digits = index - firstDigit
        let isWhole = index == count || !JSONReader.continuesNumber(base[index])
        if isWhole, digits > 0, digits <= 18, base[firstDigit] != UInt8(ascii: "0") || (digits == 1 && !isNegative) {
            return JSONNumber(isNegative ? -value : value)
        }
        while index < count, JSONReader.continuesNumber(base[index]) { index += 1 }
        guard let number = JSONNumberLiteral.number(of: UnsafeBufferPointer(start: base + start, count: index - start))
        else { throw JSONParseError(reason: .badNumber, offset: start) }
        return number
    }

    private static func continuesNumber(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"),
            UInt8(ascii: "+"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

// MARK: - Strings

extension JSONReader {
    private mutating func string() throws(JSONParseError) -> JSONString {
        index += 1
        let start = index
        skipPlainText()
        guard index < count else { throw error(.unexpectedEnd) }
        if base[index] == UInt8(ascii: "\"") {
            let length = index - start
            index += 1
            return text(from: start, length: length)
        }
        return try difficultString(from: start)
    }

    /// Steps over ASCII that a string may hold as it is.
    @inline(__always)
    private mutating func skipPlainText() {
        while index + 8 <= count {
            let word = UnsafeRawPointer(base + index).loadUnaligned(as: UInt64.self)
            let stops = ByteWord.stops(UInt64(littleEndian: word))
            if stops != 0 {
                index += stops.trailingZeroBitCount / 8
                return
            }
            index += 8
        }
        while index < count {
            let byte = base[index]
            if byte < 0x20 || byte >= 0x80 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return }
            index += 1
        }
    }

    /// The text of these bytes; a short one is read as two words at once where the text goes on long enough behind it.
    @inline(__always)
    private func text(from start: Int, length: Int) -> JSONString {
        if length <= JSONString.smallLimit, start + 16 <= count {
            let bytes = UnsafeRawPointer(base + start)
            let low = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
            let high = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            return JSONString(
                storage: .small(
                    low: low & ByteWord.mask(length),
                    high: high & ByteWord.mask(length - 8) | UInt64(length) << 56))
        }
        return JSONString(copying: UnsafeBufferPointer(start: base + start, count: length))
    }

    /// Reads on in a string that has an escape or a character beyond ASCII.
    private mutating func difficultString(from start: Int) throws(JSONParseError) -> JSONString {
        var bytes: [UInt8] = []
        var runStart = start
        while index < count {
            let byte = base[index]
            switch byte {
            case UInt8(ascii: "\""):
                try validate(from: runStart)
                if bytes.isEmpty {
                    let length = index - start
                    index += 1
                    return text(from: start, length: length)
                }
                bytes.append(contentsOf: UnsafeBufferPointer(start: base + runStart, count: index - runStart))
                index += 1
                return JSONString(unchecked: bytes)
            case UInt8(ascii: "\\"):
                try validate(from: runStart)
                bytes.append(contentsOf: UnsafeBufferPointer(start: base + runStart, count: index - runStart))
                try escape(into: &bytes)
                runStart = index
            case 0..<0x20:
                throw error(.controlCharacter)
            case 0x80...:
                index += 1
            default:
                skipPlainText()
            }
        }
        throw error(.unexpectedEnd)
    }

    private mutating func escape(into bytes: inout [UInt8]) throws(JSONParseError) {
        index += 1
        guard index < count else { throw error(.unexpectedEnd) }
        let byte = base[index]
        index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(byte)
        case UInt8(ascii: "b"): bytes.append(0x08)
        case UInt8(ascii: "f"): bytes.append(0x0C)
        case UInt8(ascii: "n"): bytes.append(0x0A)
        case UInt8(ascii: "r"): bytes.append(0x0D)
        case UInt8(ascii: "t"): bytes.append(0x09)
        case UInt8(ascii: "u"): try unicodeEscape(into: &bytes)
        default:
            index -= 1
            throw error(.badEscape)
        }
    }

    /// `\uXXXX`, and a second one behind it when both are halves of one character.
    private mutating func unicodeEscape(into bytes: inout [UInt8]) throws(JSONParseError) {
        var scalar = try hexUnit()
        if scalar >= 0xD800, scalar <= 0xDBFF, index + 1 < count,
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
    }

    private mutating func hexUnit() throws(JSONParseError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard index < count else { throw error(.unexpectedEnd) }
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

    private func validate(from start: Int) throws(JSONParseError) {
        guard UTF8Validation.isValid(UnsafeBufferPointer(start: base + start, count: index - start)) else {
            throw JSONParseError(reason: .invalidUTF8, offset: start)
        }
    }
}
