/// Writes a `JSONValue` as compact JSON text. Lone surrogates are written as `\udXXX`, so the text is always UTF-8.
public enum JSONWriter {
    /// The value as JSON text.
    public static func bytes(of value: JSONValue) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(128)
        append(value, to: &output)
        return output
    }

    /// The value as a Swift text.
    public static func text(of value: JSONValue) -> String {
        String(decoding: bytes(of: value), as: UTF8.self)
    }

    /// The value with two spaces of indentation a level, for people.
    public static func pretty(_ value: JSONValue) -> String {
        var output: [UInt8] = []
        append(value, to: &output, indentation: 0)
        return String(decoding: output, as: UTF8.self)
    }

    /// Appends the value's compact text.
    public static func append(_ value: JSONValue, to output: inout [UInt8]) {
        switch value {
        case .null: output.append(contentsOf: [0x6E, 0x75, 0x6C, 0x6C])
        case .bool(true): output.append(contentsOf: [0x74, 0x72, 0x75, 0x65])
        case .bool(false): output.append(contentsOf: [0x66, 0x61, 0x6C, 0x73, 0x65])
        case .number(let number): append(number, to: &output)
        case .string(let string): append(string, to: &output)
        case .array(let elements):
            output.append(UInt8(ascii: "["))
            var isFirst = true
            for element in elements {
                if !isFirst { output.append(UInt8(ascii: ",")) }
                isFirst = false
                append(element, to: &output)
            }
            output.append(UInt8(ascii: "]"))
        case .object(let object):
            output.append(UInt8(ascii: "{"))
            var isFirst = true
            for member in object.members {
                if !isFirst { output.append(UInt8(ascii: ",")) }
                isFirst = false
                append(member.key, to: &output)
                output.append(UInt8(ascii: ":"))
                append(member.value, to: &output)
            }
            output.append(UInt8(ascii: "}"))
        }
    }

    /// Appends a string with its quotes; only what JSON demands is escaped.
    public static func append(_ string: JSONString, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        let bytes = string.bytes
        if bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C && $0 != 0xED }) {
            output.append(contentsOf: bytes)
        } else {
            appendEscaped(bytes, to: &output)
        }
        output.append(UInt8(ascii: "\""))
    }

    private static func append(_ number: JSONNumber, to output: inout [UInt8]) {
        switch number.storage {
        case .integer(let value) where value >= 0 && value < 10: output.append(UInt8(ascii: "0") + UInt8(value))
        case .literal(let bytes, _): output.append(contentsOf: bytes)
        default: output.append(contentsOf: number.text.utf8)
        }
    }

    private static let hexDigits: [UInt8] = Array("0123456789abcdef".utf8)

    private static func appendEscaped(_ bytes: [UInt8], to output: inout [UInt8]) {
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            switch byte {
            case 0x22: output.append(contentsOf: [0x5C, 0x22])
            case 0x5C: output.append(contentsOf: [0x5C, 0x5C])
            case 0x08: output.append(contentsOf: [0x5C, 0x62])
            case 0x0C: output.append(contentsOf: [0x5C, 0x66])
            case 0x0A: output.append(contentsOf: [0x5C, 0x6E])
            case 0x0D: output.append(contentsOf: [0x5C, 0x72])
            case 0x09: output.append(contentsOf: [0x5C, 0x74])
            case 0..<0x20: appendUnit(UInt32(byte), to: &output)
            case 0xED where index + 2 < bytes.count && bytes[index + 1] >= 0xA0:
                // A lone surrogate (U+D800 to U+DFFF) in generalised UTF-8.
                let unit = 0xD000 | (UInt32(bytes[index + 1]) & 0x3F) << 6 | UInt32(bytes[index + 2]) & 0x3F
                appendUnit(unit, to: &output)
                index += 2
            default: output.append(byte)
            }
            index += 1
        }
    }

    private static func appendUnit(_ unit: UInt32, to output: inout [UInt8]) {
        output.append(contentsOf: [0x5C, 0x75])
        for shift in [12, 8, 4, 0] { output.append(hexDigits[Int(unit >> UInt32(shift)) & 0xF]) }
    }

    private static func append(_ value: JSONValue, to output: inout [UInt8], indentation: Int) {
        func newLine(_ level: Int) {
            output.append(0x0A)
            output.append(contentsOf: repeatElement(0x20, count: level * 2))
        }
        switch value {
        case .array(let elements) where !elements.isEmpty:
            output.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                newLine(indentation + 1)
                append(element, to: &output, indentation: indentation + 1)
            }
            newLine(indentation)
            output.append(UInt8(ascii: "]"))
        case .object(let object) where !object.isEmpty:
            output.append(UInt8(ascii: "{"))
            for (index, member) in object.members.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                newLine(indentation + 1)
                append(member.key, to: &output)
                output.append(contentsOf: [0x3A, 0x20])
                append(member.value, to: &output, indentation: indentation + 1)
            }
            newLine(indentation)
            output.append(UInt8(ascii: "}"))
        default:
            append(value, to: &output)
        }
    }
}
