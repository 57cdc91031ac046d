import JSONCore

/// Words a parse error as the Jackson library does, as far as its wording was recorded on AWS.
struct JacksonMessage {
    private static let source = "[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); "

    private let error: JSONParseError
    private let bytes: [UInt8]

    init(_ error: JSONParseError, in bytes: [UInt8]) {
        self.error = error
        self.bytes = bytes
    }

    /// The message with the place behind it.
    var text: String {
        switch error.reason {
        case .unexpectedEnd: atEnd
        case .unexpectedCharacter, .trailingText: atCharacter
        default: placed(error.reason.rawValue, before: error.offset)
        }
    }

    /// `offset` is where Jackson stands in the text: at the character it refuses, or behind the token.
    private func placed(_ message: String, before offset: Int) -> String {
        "\(message)\n at \(location(offset))"
    }

    private func location(_ offset: Int) -> String {
        let position = JSONParseError(reason: error.reason, offset: min(offset, bytes.count)).position(in: bytes)
        return "\(JacksonMessage.source)line: \(position.line), column: \(position.column)]"
    }

    private var atEnd: String {
        let context = Context(bytes[...])
        if context.isInText {
            return placed("Unexpected end-of-input: was expecting closing quote for a string value", before: bytes.count)
        }
        if let token = bareToken(endingAt: bytes.count) { return unrecognized(token, before: bytes.count) }
        guard let open = context.open.last else {
            return placed("Unexpected end-of-input", before: bytes.count)
        }
        let kind = bytes[open] == UInt8(ascii: "{") ? "Object" : "Array"
        let start = location(open)
        return placed(
            "Unexpected end-of-input: expected close marker for \(kind) (start marker at \(start))", before: bytes.count)
    }

    private var atCharacter: String {
        let context = Context(bytes[..<error.offset])
        if let token = bareToken(around: error.offset), context.expectsValue || error.reason == .trailingText {
            return unrecognized(token.text, before: token.end)
        }
        let rest = String(decoding: bytes[error.offset...], as: UTF8.self).unicodeScalars.first
        let character = rest.map { "('\($0)' (code \($0.value)))" } ?? ""
        return placed("Unexpected character \(character): \(context.expectation)", before: error.offset)
    }

    private func unrecognized(_ token: String, before end: Int) -> String {
        placed(
            "Unrecognized token '\(token)': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
            before: end)
    }

    private func bareToken(endingAt end: Int) -> String? {
        guard let token = bareToken(around: end - 1), token.end == end else { return nil }
        return token.text
    }

    /// The word of letters and digits that stands at the offset and begins with a letter.
    private func bareToken(around offset: Int) -> (text: String, end: Int)? {
        func isWord(_ index: Int) -> Bool {
            guard index >= 0, index < bytes.count else { return false }
            let byte = bytes[index] | 0x20
            return (byte >= 0x61 && byte <= 0x7A) || (bytes[index] >= 0x30 && bytes[index] <= 0x39) || bytes[index] == 0x5F
        }
        guard isWord(offset) else { return nil }
        var (start, end) = (offset, offset)
        while isWord(start - 1) { start -= 1 }
        while isWord(end) { end += 1 }
        guard bytes[start] | 0x20 >= 0x61 else { return nil }
        return (String(decoding: bytes[start..<end], as: UTF8.self), end)
    }
}

extension JacksonMessage {
    /// Where in a JSON text one is after having read a part of it.
    struct Context {
        /// The offsets of the brackets that are open.
        private(set) var open: [Int] = []
        /// True inside a string.
        private(set) var isInText = false
        private var last: UInt8?
        private var isObject = false
        /// True between a key and its value.
        private var hasColon = false

        init(_ bytes: ArraySlice<UInt8>) {
            var isEscaped = false
            for index in bytes.indices {
                let byte = bytes[index]
                if isInText {
                    if !isEscaped, byte == UInt8(ascii: "\"") { isInText = false }
                    isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
                    continue
                }
                switch byte {
                case 0x20, 0x09, 0x0A, 0x0D: continue
                case UInt8(ascii: "\""): isInText = true
                case UInt8(ascii: "{"), UInt8(ascii: "["): open.append(index)
                case UInt8(ascii: "}"), UInt8(ascii: "]"): _ = open.popLast()
                default: break
                }
                if byte == UInt8(ascii: ":") { hasColon = true }
                if byte == UInt8(ascii: ",") || byte == UInt8(ascii: "{") { hasColon = false }
                if byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") { hasColon = true }
                last = byte
            }
            isObject = open.last.map { bytes[$0] == UInt8(ascii: "{") } ?? false
        }

        /// True where a value is due.
        var expectsValue: Bool {
            switch last {
            case nil, UInt8(ascii: ":"), UInt8(ascii: "["): true
            case UInt8(ascii: ","): !isObject
            default: false
            }
        }

        /// What Jackson says it was expecting.
        var expectation: String {
            if expectsValue {
                return "expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
            }
            if isObject, last == UInt8(ascii: "{") || last == UInt8(ascii: ",") {
                return "was expecting double-quote to start field name"
            }
            if isObject, !hasColon { return "was expecting a colon to separate field name and value" }
            return isObject
                ? "was expecting comma to separate Object entries" : "was expecting comma to separate Array entries"
        }
    }
}
