import JSONCore

/// What stands inside `[?(…)]`.
///
///     or      = and *( "||" and )
///     and     = unary *( "&&" unary )
///     unary   = "!" unary / "(" or ")" / operand [ operator operand ]
///     operand = path / text / number / true / false / null / array / object / bare word
extension PathParser {
    /// Parses a condition up to its closing parenthesis.
    mutating func filter() throws(PathParseError) -> PathFilter {
        depth += 1
        defer { depth -= 1 }
        guard depth <= PathParser.depthLimit else { throw error("filters are nested too deeply") }
        var alternatives = [try conjunction()]
        while consume("|", twice: true) { alternatives.append(try conjunction()) }
        return alternatives.count == 1 ? alternatives[0] : .or(alternatives)
    }

    private mutating func conjunction() throws(PathParseError) -> PathFilter {
        var parts = [try unary()]
        while consume("&", twice: true) { parts.append(try unary()) }
        return parts.count == 1 ? parts[0] : .and(parts)
    }

    private mutating func consume(_ byte: Character, twice: Bool) -> Bool {
        skipSpaces()
        guard index + 1 < bytes.count, bytes[index] == byte.asciiValue, bytes[index + 1] == byte.asciiValue else { return false }
        index += 2
        return true
    }

    private mutating func unary() throws(PathParseError) -> PathFilter {
        depth += 1
        defer { depth -= 1 }
        guard depth <= PathParser.depthLimit else { throw error("filters are nested too deeply") }
        skipSpaces()
        if consume("!") { return .not(try unary()) }
        if consume("(") {
            let inner = try filter()
            skipSpaces()
            try expect(")", in: "a filter")
            return inner
        }
        return try comparison()
    }

    private mutating func comparison() throws(PathParseError) -> PathFilter {
        let start = index
        let left = try operand()
        skipSpaces()
        guard let comparison = try readOperator() else {
            guard case .path(let path) = left else {
                throw PathParseError("a filter's condition is a path or a comparison", offset: start)
            }
            return .exists(path)
        }
        skipSpaces()
        return .comparison(left, comparison, try operand())
    }

    private mutating func readOperator() throws(PathParseError) -> PathComparison? {
        let start = index
        while let byte = current, "=!<>~".utf8.contains(byte) { index += 1 }
        if index == start { while let byte = current, PathParser.isLetter(byte) { index += 1 } }
        if index == start { return nil }
        let name = String(decoding: bytes[start..<index], as: UTF8.self)
        if name == "=~" {
            throw PathParseError("regular expressions are not supported in filters", offset: start)
        }
        guard let comparison = PathComparison(rawValue: name.lowercased()) else {
            throw PathParseError("there is no operator '\(name)'", offset: start)
        }
        return comparison
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (byte | 0x20) >= UInt8(ascii: "a") && (byte | 0x20) <= UInt8(ascii: "z")
    }

    /// One side of a comparison or one argument of a function.
    mutating func operand() throws(PathParseError) -> PathOperand {
        depth += 1
        defer { depth -= 1 }
        guard depth <= PathParser.depthLimit else { throw error("values are nested too deeply") }
        skipSpaces()
        let start = index
        switch current {
        case nil: throw error("a value expected")
        case UInt8(ascii: "@"), UInt8(ascii: "$"):
            let path = try self.path(in: .filter)
            guard path.root == .input else {
                throw PathParseError("a filter may refer to '@' and '$' only", offset: start)
            }
            return .path(path)
        case UInt8(ascii: "'"), UInt8(ascii: "\""): return .literal(.string(try quotedText()))
        case UInt8(ascii: "["): return .literal(try arrayLiteral())
        case UInt8(ascii: "{"): return .literal(try objectLiteral())
        case UInt8(ascii: "/"): throw error("regular expressions are not supported in filters")
        default: return .literal(try word())
        }
    }

    private mutating func arrayLiteral() throws(PathParseError) -> JSONValue {
        index += 1
        var elements: [JSONValue] = []
        skipSpaces()
        while !consume("]") {
            if !elements.isEmpty { try expect(",", in: "an array") }
            guard case .literal(let value) = try operand() else { throw error("a path cannot stand in an array") }
            elements.append(value)
            skipSpaces()
        }
        return .array(elements)
    }

    private mutating func objectLiteral() throws(PathParseError) -> JSONValue {
        let start = index
        var open = 0
        var inText = false
        while let byte = current {
            index += 1
            switch byte {
            case UInt8(ascii: "\"") : inText.toggle()
            case UInt8(ascii: "\\") where inText: index += 1
            case UInt8(ascii: "{") where !inText: open += 1
            case UInt8(ascii: "}") where !inText: open -= 1
            default: break
            }
            if open == 0 { break }
        }
        guard index <= bytes.count, let value = try? JSONParser.parse(Array(bytes[start..<index])) else {
            throw PathParseError("a JSON object expected", offset: start)
        }
        return value
    }

    /// true, false, null, a number, or a bare word, which is a text: `[?(@.Type == RECEIPT)]` is common in AWS definitions.
    private mutating func word() throws(PathParseError) -> JSONValue {
        let start = index
        while let byte = current, byte > 0x20, !",)]=!<>~&|(".utf8.contains(byte) { index += 1 }
        guard index > start else { throw error("a value expected") }
        let text = Array(bytes[start..<index])
        switch String(decoding: text, as: UTF8.self) {
        case "true": return true
        case "false": return false
        case "null": return nil
        default: return JSONNumber(literal: text).map(JSONValue.number) ?? .string(JSONString(unchecked: text))
        }
    }
}
