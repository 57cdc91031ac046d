import JSONCore
import Testing

@Suite struct JSONParserTests {
    @Test(arguments: [
        (#"{"b":1,"a":[true,false,null]}"#, #"{"b":1,"a":[true,false,null]}"#),
        (#" [ 1 , -2, 3.50, 1e3, 12345678901234567890, -0 ] "#, "[1,-2,3.50,1e3,12345678901234567890,-0]"),
        (#""\u00e9\n\ud83d\ude00""#, "\"é\\n😀\""),
        (#""\ud800x""#, #""\ud800x""#),
        (#"{"a":1,"a":2}"#, #"{"a":2}"#),
        ("9223372036854775807", "9223372036854775807"),
        ("-9223372036854775808", "-9223372036854775808"),
    ])
    func `writes back what it read`(text: String, expected: String) throws {
        #expect(try JSONParser.parse(text).description == expected)
    }

    @Test(arguments: [
        ("", JSONParseError.Reason.unexpectedEnd, 0), ("[1,]", .unexpectedCharacter, 3), ("{\"a\" 1}", .unexpectedCharacter, 5),
        ("01", .badNumber, 0), ("1.", .badNumber, 0), ("1e5154", .badNumber, 0), ("\"\\x\"", .badEscape, 2), ("nul", .unexpectedEnd, 3),
        ("1 2", .trailingText, 2), ("\"a\u{1}\"", .controlCharacter, 2), ("[", .unexpectedEnd, 1), ("-", .badNumber, 0),
    ])
    func `says what is wrong and where`(text: String, reason: JSONParseError.Reason, offset: Int) {
        #expect(throws: JSONParseError(reason: reason, offset: offset)) { try JSONParser.parse(text) }
    }

    @Test func `refuses bytes that are not UTF-8`() {
        for bytes: [UInt8] in [[0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0x5C, 0x6E, 0x80, 0x22]] {
            #expect(throws: JSONParseError.self) { try JSONParser.parse(bytes) }
        }
    }

    @Test func `bounds the depth`() {
        let deep = [UInt8](repeating: UInt8(ascii: "["), count: 100_000)
        #expect(throws: JSONParseError(reason: .tooDeep, offset: 512)) { try JSONParser.parse(deep) }
    }

    @Test func `refuses a duplicate key when asked`() {
        #expect(throws: JSONParseError(reason: .duplicateKey, offset: 7)) {
            try JSONParser.parse(Array(#"{"a":1,"a":2}"#.utf8), duplicateKeys: .reject)
        }
    }

    @Test func `finds line and column`() {
        let text = Array("{\n  \"a\": x\n}".utf8)
        #expect { try JSONParser.parse(text) } throws: { error in
            let position = (error as? JSONParseError)?.position(in: text)
            return position?.line == 2 && position?.column == 8
        }
    }
}

@Suite struct JSONValueTests {
    @Test func `text compares by bytes, not by canonical equivalence`() {
        #expect(JSONString("é") != JSONString("e\u{301}"))
        #expect(JSONString("é") == "é")
        #expect(!(JSONString("é") == "e\u{301}"))
    }

    @Test func `objects are equal in any order, numbers by value`() throws {
        #expect(try JSONParser.parse(#"{"a":1,"b":[1.0]}"#) == JSONParser.parse(#"{"b":[1e0],"a":1}"#))
        #expect(JSONValue.integer(9_007_199_254_740_993) != JSONValue.integer(9_007_199_254_740_992))
    }

    @Test func `a large object keeps order and finds its keys`() {
        var object = JSONObject()
        for index in 0..<1000 { object["k\(index)"] = .integer(index) }
        object["k500"] = nil
        #expect(object.count == 999)
        #expect(object["k999"] == 999)
        #expect(object["k500"] == nil)
        #expect(object.members[500].key == "k501")
    }

    @Test func `UTF-16 goes there and back, lone surrogates included`() {
        let units: [UInt16] = [0x61, 0xD83D, 0xDE00, 0xD800, 0x62, 0xDC00]
        #expect(JSONString(utf16: units).utf16 == units)
        #expect(JSONString.utf16Precedes("\u{1F600}", "\u{FFFD}"))
    }

    @Test func `doubles print in their shortest form and never as infinity`() {
        #expect(JSONNumber(0.1)?.text == "0.1")
        #expect(JSONNumber(3.0)?.text == "3")
        #expect(JSONNumber(Double.infinity) == nil)
        #expect(JSONNumber(1e300)?.text == "1e+300")
    }
}
