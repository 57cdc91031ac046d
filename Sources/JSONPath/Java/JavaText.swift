import JSONCore

/// Values as Java's `toString` prints them, which is how AWS puts them into texts: `{Id=7, Tags=[a, b]}`.
enum JavaText {
    /// The value's text: a string as it is, an object as `{key=value}`, an array as `[a, b]`.
    static func text(of value: JSONValue) -> JSONString {
        var output: [UInt8] = []
        append(value, to: &output)
        return JSONString(unchecked: output)
    }

    private static func append(_ value: JSONValue, to output: inout [UInt8]) {
        switch value {
        case .null: output.append(contentsOf: "null".utf8)
        case .bool(let flag): output.append(contentsOf: (flag ? "true" : "false").utf8)
        case .number(let number): output.append(contentsOf: text(of: number))
        case .string(let text): output.append(contentsOf: text.bytes)
        case .array(let elements):
            output.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { output.append(contentsOf: ", ".utf8) }
                append(element, to: &output)
            }
            output.append(UInt8(ascii: "]"))
        case .object(let object):
            output.append(UInt8(ascii: "{"))
            for (index, member) in object.members.enumerated() {
                if index > 0 { output.append(contentsOf: ", ".utf8) }
                output.append(contentsOf: member.key.bytes)
                output.append(UInt8(ascii: "="))
                append(member.value, to: &output)
            }
            output.append(UInt8(ascii: "}"))
        }
    }

    private static func text(of number: JSONNumber) -> [UInt8] {
        number.isIntegerLiteral ? Array(number.text.utf8) : double(number.double)
    }

    /// A finite double as `Double.toString` prints it: `1.0`, `1.0E10` from 10^7 on, `1.0E-5` below 10^-3.
    static func double(_ value: Double) -> [UInt8] {
        let magnitude = abs(value)
        if magnitude != 0, magnitude < 1e-3 || magnitude >= 1e7 { return scientific(value) }
        // Swift prints plain digits in this range, with a fraction always.
        return Array("\(value)".utf8)
    }

    private static func scientific(_ value: Double) -> [UInt8] {
        let parts = "\(abs(value))".split(separator: "e")
        guard let mantissa = parts.first else { return [] }
        let given = parts.count > 1 ? Int(parts[1].drop { $0 == "+" }) ?? 0 : 0
        let whole = mantissa.prefix { $0 != "." }
        let fraction = mantissa.dropFirst(whole.count + 1)
        // All digits in a row with the exponent of the first one; zeros at both ends carry nothing.
        var digits = Array((whole + fraction).utf8)
        var exponent = given + whole.utf8.count - 1
        while digits.first == UInt8(ascii: "0"), digits.count > 1 {
            digits.removeFirst()
            exponent -= 1
        }
        while digits.last == UInt8(ascii: "0"), digits.count > 1 { digits.removeLast() }
        if digits.count == 1 { digits.append(UInt8(ascii: "0")) }
        var output: [UInt8] = value < 0 ? [UInt8(ascii: "-")] : []
        output.append(digits[0])
        output.append(UInt8(ascii: "."))
        output.append(contentsOf: digits[1...])
        output.append(contentsOf: "E\(exponent)".utf8)
        return output
    }
}
