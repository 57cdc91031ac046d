package import JSONCore

/// What is wrong with a text that is not JSON, in the words of the parser that AWS uses (Jackson), and where.
package struct JSONFault: Hashable, Sendable {
    /// What is wrong.
    package let reason: String
    /// The line, from one.
    package let line: Int
    /// The column in bytes, from one.
    package let column: Int

    /// Describes an error of our parser.
    package init(_ error: JSONParseError, in text: [UInt8]) {
        let offset = min(error.offset, text.count)
        var reported = offset
        switch error.reason {
        case .unexpectedEnd:
            reason = "Unexpected end-of-input"
        case .unexpectedCharacter where offset < text.count:
            let expected = Expected(before: offset, in: text)
            if expected == .value, let token = Self.token(around: offset, in: text) {
                reason = "Unrecognized token '\(String(decoding: text[token], as: UTF8.self))': was expecting \(Expected.values)"
                reported = token.upperBound
            } else {
                let byte = text[offset]
                reason = "Unexpected character ('\(String(decoding: [byte], as: UTF8.self))' (code \(byte))): \(expected.text)"
            }
        default:
            reason = "The text is not JSON: \(error.reason.rawValue)"
        }
        let place = JSONParseError(reason: error.reason, offset: reported).position(in: text)
        (line, column) = (place.line, place.column)
    }

    /// The word at an offset; nil when there is none.
    private static func token(around offset: Int, in text: [UInt8]) -> Range<Int>? {
        func isInWord(_ byte: UInt8) -> Bool {
            byte | 0x20 &- 0x61 < 26 || byte &- 0x30 < 10 || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "$") || byte >= 0x80
        }
        let start = text[..<offset].lastIndex { !isInWord($0) }.map { $0 + 1 } ?? 0
        let end = text[offset...].firstIndex { !isInWord($0) } ?? text.count
        guard start < end, text[start] &- 0x30 >= 10 else { return nil }
        return start..<end
    }
}

extension JSONFault {
    /// What may stand at a place of a text that is JSON up to there.
    private enum Expected {
        case value, name, colon, objectComma, arrayComma, nothing

        static let values = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"

        var text: String {
            switch self {
            case .value: "expected a valid value \(Self.values)"
            case .name: "was expecting double-quote to start field name"
            case .colon: "was expecting a colon to separate field name and value"
            case .objectComma: "was expecting comma to separate Object entries"
            case .arrayComma: "was expecting comma to separate Array entries"
            case .nothing: "was expecting the end of the text"
            }
        }

        init(before offset: Int, in text: [UInt8]) {
            var open: [UInt8] = []
            var state = Expected.value
            var afterValue: Expected { open.last.map { $0 == UInt8(ascii: "{") ? .objectComma : .arrayComma } ?? .nothing }
            var index = 0
            while index < offset {
                switch text[index] {
                case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                    break
                case UInt8(ascii: "{"), UInt8(ascii: "["):
                    open.append(text[index])
                    state = text[index] == UInt8(ascii: "{") ? .name : .value
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    open.removeLast(min(1, open.count))
                    state = afterValue
                case UInt8(ascii: ","):
                    state = open.last == UInt8(ascii: "{") ? .name : .value
                case UInt8(ascii: ":"):
                    state = .value
                case UInt8(ascii: "\""):
                    index += 1
                    while index < offset, text[index] != UInt8(ascii: "\"") { index += text[index] == UInt8(ascii: "\\") ? 2 : 1 }
                    state = state == .name ? .colon : afterValue
                default:
                    // A number or a word; one that is cut off at the offset is the fault itself.
                    while index + 1 < offset, !" \t\r\n,]}".utf8.contains(text[index + 1]) { index += 1 }
                    if index + 1 < offset { state = afterValue }
                }
                index += 1
            }
            self = state
        }
    }
}
