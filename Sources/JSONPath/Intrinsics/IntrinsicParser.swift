import JSONCore

/// Reads a call of an intrinsic function.
///
///     call     = "States." name "(" [ argument *( "," argument ) ] ")"
///     argument = text / number / true / false / null / path / call
///     text     = "'" … "'", where a backslash stands before ' { } \ only
struct IntrinsicParser {
    private let bytes: [UInt8]
    private var index = 0
    private var calls = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Parses all bytes as one call.
    mutating func wholeCall() throws(PathParseError) -> IntrinsicExpression {
        skipSpaces()
        let call = try self.call()
        skipSpaces()
        guard index == bytes.count else { throw error("unexpected text after the call") }
        return IntrinsicExpression(
            source: JSONString(unchecked: bytes), function: call.function, arguments: call.arguments)
    }

    private var current: UInt8? { index < bytes.count ? bytes[index] : nil }

    private func error(_ message: String) -> PathParseError { PathParseError(message, offset: index) }

    private mutating func skipSpaces() {
        while let byte = current, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { index += 1 }
    }

    private mutating func call() throws(PathParseError) -> IntrinsicExpression {
        calls += 1
        guard calls <= IntrinsicExpression.callLimit else {
            throw error("more than \(IntrinsicExpression.callLimit) intrinsic functions in one expression")
        }
        let start = index
        let function = try functionName()
        guard current == UInt8(ascii: "(") else { throw error("'(' expected after the function's name") }
        index += 1
        var arguments: [IntrinsicExpression.Argument] = []
        skipSpaces()
        if current == UInt8(ascii: ")") {
            index += 1
        } else {
            try readArguments(into: &arguments)
        }
        let source = JSONString(unchecked: Array(bytes[start..<index]))
        return IntrinsicExpression(source: source, function: function, arguments: arguments)
    }

    private mutating func functionName() throws(PathParseError) -> IntrinsicFunction {
        let start = index
        while let byte = current, IntrinsicParser.isNameByte(byte) { index += 1 }
        let name = String(decoding: bytes[start..<index], as: UTF8.self)
        guard name.hasPrefix("States."), let function = IntrinsicFunction(rawValue: String(name.dropFirst(7))) else {
            throw PathParseError(
                name.isEmpty ? "an intrinsic function expected" : "there is no intrinsic function '\(name)'", offset: start)
        }
        return function
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private mutating func readArguments(into arguments: inout [IntrinsicExpression.Argument]) throws(PathParseError) {
        while true {
            skipSpaces()
            arguments.append(try argument())
            skipSpaces()
            switch current {
            case UInt8(ascii: ","): index += 1
            case UInt8(ascii: ")"):
                index += 1
                return
            case nil: throw error("')' is missing at the end of the call")
            default: throw error("',' or ')' expected after an argument")
            }
        }
    }

    private mutating func argument() throws(PathParseError) -> IntrinsicExpression.Argument {
        switch current {
        case nil: throw error("an argument expected")
        case UInt8(ascii: "'"): return try text()
        case UInt8(ascii: "$"):
            var parser = PathParser(bytes, at: index)
            let path = try parser.path(in: .arguments)
            index = parser.index
            return .path(path)
        case UInt8(ascii: "S"): return .call(try call())
        default: return .literal(try literal())
        }
    }

    private mutating func literal() throws(PathParseError) -> JSONValue {
        let start = index
        while let byte = current, IntrinsicParser.isNameByte(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") {
            index += 1
        }
        let word = Array(bytes[start..<index])
        switch String(decoding: word, as: UTF8.self) {
        case "true": return true
        case "false": return false
        case "null": return nil
        default:
            guard let number = JSONNumber(literal: word) else {
                throw PathParseError("a path, a text in single quotes, a number or a function expected", offset: start)
            }
            return .number(number)
        }
    }

    private mutating func text() throws(PathParseError) -> IntrinsicExpression.Argument {
        let start = index
        index += 1
        var unescaped: [UInt8] = []
        while let byte = current {
            index += 1
            switch byte {
            case UInt8(ascii: "'"):
                let raw = JSONString(unchecked: Array(bytes[(start + 1)..<(index - 1)]))
                return .text(unescaped: JSONString(unchecked: unescaped), raw: raw)
            case UInt8(ascii: "\\"):
                guard let next = current, FormatTemplate.isEscapable(next) else {
                    throw PathParseError("a backslash may only stand before ' { } or \\", offset: index - 1)
                }
                unescaped.append(next)
                index += 1
            default:
                unescaped.append(byte)
            }
        }
        throw PathParseError("the closing quote is missing", offset: start)
    }
}
