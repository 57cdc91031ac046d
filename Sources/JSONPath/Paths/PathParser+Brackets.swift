import JSONCore

/// What stands inside `[…]`.
extension PathParser {
    /// Parses the step whose `[` was just read.
    mutating func bracketStep() throws(PathParseError) -> PathStep {
        skipSpaces()
        let step: PathStep
        switch current {
        case UInt8(ascii: "'"), UInt8(ascii: "\""): step = try names()
        case UInt8(ascii: "*"):
            index += 1
            step = .wildcard
        case UInt8(ascii: "?"):
            index += 1
            skipSpaces()
            try expect("(", in: "a filter")
            step = .filter(try filter())
            skipSpaces()
            try expect(")", in: "a filter")
        case UInt8(ascii: "-"), UInt8(ascii: ":"): step = try positions()
        case let digit? where digit >= UInt8(ascii: "0") && digit <= UInt8(ascii: "9"): step = try positions()
        case nil: throw error("']' is missing")
        default: throw error("a quoted name, an index, '*' or '?(' expected in brackets")
        }
        skipSpaces()
        try expect("]", in: "brackets")
        return step
    }

    private mutating func names() throws(PathParseError) -> PathStep {
        var names = [try quotedText()]
        skipSpaces()
        while consume(",") {
            skipSpaces()
            names.append(try quotedText())
            skipSpaces()
        }
        return names.count == 1 ? .member(names[0]) : .members(names)
    }

    /// Indices or a slice. A slice's third part, its step, is read and ignored, as Jayway does.
    private mutating func positions() throws(PathParseError) -> PathStep {
        let first = try number()
        skipSpaces()
        if consume(":") {
            skipSpaces()
            let last = try number()
            skipSpaces()
            if consume(":") {
                skipSpaces()
                _ = try number()
            }
            if first == nil, last == nil { throw error("a slice needs a start or an end") }
            return .slice(from: first, to: last)
        }
        guard let first else { throw error("a number expected") }
        var all = [first]
        while consume(",") {
            skipSpaces()
            guard let next = try number() else { throw error("a number expected") }
            all.append(next)
            skipSpaces()
        }
        return all.count == 1 ? .element(first) : .elements(all)
    }

    /// An index of 32 bits, as Java's arrays have; nil when there is none.
    private mutating func number() throws(PathParseError) -> Int? {
        let start = index
        let isNegative = consume("-")
        var value = 0
        let firstDigit = index
        while let byte = current, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
            guard value <= Int32.max else { throw PathParseError("the index is too large", offset: start) }
            index += 1
        }
        if index == firstDigit {
            if isNegative { throw error("a number expected after '-'") }
            return nil
        }
        return isNegative ? -value : value
    }

    /// A text in single or double quotes. A backslash takes the next character as it is, or means what it means in JSON.
    mutating func quotedText() throws(PathParseError) -> JSONString {
        let start = index
        guard let quote = current, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
            throw error("a quoted name expected")
        }
        index += 1
        var text: [UInt8] = []
        while let byte = current {
            index += 1
            if byte == quote { return JSONString(unchecked: text) }
            if byte == UInt8(ascii: "\\") {
                try escape(into: &text)
            } else {
                text.append(byte)
            }
        }
        throw PathParseError("the closing quote is missing", offset: start)
    }

    private mutating func escape(into text: inout [UInt8]) throws(PathParseError) {
        guard let byte = current else { throw error("a character expected after '\\'") }
        index += 1
        switch byte {
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "u"):
            // JSON's parser joins surrogate pairs; it is given the run of \u escapes as a string of its own.
            let start = index - 2
            while index + 5 < bytes.count, bytes[index + 4] == UInt8(ascii: "\\"), bytes[index + 5] == UInt8(ascii: "u") {
                index += 6
            }
            index += 4
            guard index <= bytes.count,
                case .string(let decoded)? = try? JSONParser.parse([0x22] + Array(bytes[start..<index]) + [0x22])
            else { throw PathParseError("four hexadecimal digits expected after '\\u'", offset: start) }
            text.append(contentsOf: decoded.bytes)
        default: text.append(byte)
        }
    }
}
