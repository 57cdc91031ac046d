import JSONCore
import Testing

@Suite struct JSONValueRepresentationTests {
    @Test(arguments: [0, 1, 7, 8, 9, 14, 15, 16, 17, 100])
    func `texts of every length keep their bytes and compare by them`(length: Int) {
        let bytes = (0..<length).map { UInt8(97 + $0 % 26) }
        let text = JSONString(unchecked: bytes)
        #expect(text.bytes == bytes)
        #expect(text.byteCount == length)
        #expect(text.withBytes { Array($0) } == bytes)
        #expect(text == JSONString(String(decoding: bytes, as: UTF8.self)))
        #expect(text == String(decoding: bytes, as: UTF8.self))
        #expect(text != JSONString(unchecked: bytes + [0]))
        #expect(text.hashValue == JSONString(unchecked: bytes).hashValue)
    }

    @Test(arguments: ["0.5", "-0.5", "12.50", "100.00", "0.000", "123456789012.345", "-0.0", "0.1", "99999999999999.9", "1.7976931348623157e308", "5e-324"])
    func `decimals print as they came and have the nearest double`(text: String) throws {
        let number = try #require(JSONNumber(literal: Array(text.utf8)))
        #expect(number.text == text)
        #expect(number.double == Double(text))
        #expect(!number.isIntegerLiteral)
    }

    @Test(arguments: ["0", "7", "-7", "10", "999999999999999999", "1000000000000000000", "9223372036854775807", "-9223372036854775808", "18446744073709551616", "-0"])
    func `whole numbers print as they came`(text: String) throws {
        #expect(try JSONParser.parse(text).description == text)
        #expect(try JSONParser.parse(text).number?.isIntegerLiteral == true)
    }

    @Test(arguments: ["", "-", "00", "01", "-01", "1.", ".5", "1e", "1e+", "+1", "1.e3", "0x1", "1 ", "--1", "1e999", "NaN"])
    func `refuses what is no number`(text: String) {
        #expect(JSONNumber(literal: Array(text.utf8)) == nil)
    }

    @Test func `a negative zero equals zero`() throws {
        #expect(try JSONParser.parse("-0") == 0)
        #expect(try Set([JSONParser.parse("-0"), 0, JSONParser.parse("0.0")]).count == 1)
    }

    @Test func `escapes whatever needs it at every place in a word`() throws {
        for length in 0..<24 {
            for position in 0..<max(length, 1) where length > 0 {
                for special: UInt8 in [0x00, 0x1F, 0x22, 0x5C, 0x7F] {
                    var bytes = [UInt8](repeating: 0x61, count: length)
                    bytes[position] = special
                    let value = JSONValue.string(JSONString(unchecked: bytes))
                    #expect(try JSONParser.parse(JSONWriter.bytes(of: value)) == value)
                }
            }
        }
        #expect(JSONWriter.text(of: "\u{1}\n\"\\/é\u{7F}") == "\"\\u0001\\n\\\"\\\\/é\u{7F}\"")
    }

    @Test func `objects with many and with repeated keys`() throws {
        let many = (0..<50).map { "\"k\($0)\":\($0)" }.joined(separator: ",")
        let object = try #require(JSONParser.parse("{\(many),\"k7\":\"last\"}").object)
        #expect(object.count == 50)
        #expect(object["k7"] == "last")
        #expect(object.members[7].key == "k7")
        #expect(throws: JSONParseError.self) { try JSONParser.parse(Array("{\(many),\"k7\":1}".utf8), duplicateKeys: .reject) }
        #expect(throws: JSONParseError(reason: .duplicateKey, offset: 19)) {
            try JSONParser.parse(Array(#"{"a":{"a":1,"b":2},"a":3}"#.utf8), duplicateKeys: .reject)
        }
    }

    @Test func `sorts keys by UTF-16 unit when asked`() throws {
        let value = try JSONParser.parse(#"{"b":1,"a":{"z":1,"y":2},"\uE000":3,"😀":4}"#)
        #expect(String(decoding: JSONWriter.bytes(of: value, keyOrder: .sorted), as: UTF8.self) == "{\"a\":{\"y\":2,\"z\":1},\"b\":1,\"😀\":4,\"\u{E000}\":3}")
    }
}
