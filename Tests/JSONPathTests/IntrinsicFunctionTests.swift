import JSONCore
import JSONPath
import Testing

/// Values and failures as AWS gives them.
@Suite struct IntrinsicFunctionTests {
    static let input = """
        {"a":"x","n":2,"nil":null,"o":{"k":1,"l":[true,"s"]},"list":[10,20,30],"empty":[],"tpl":"<\\\\{{}\\\\}>","json":"\\"x\\"","d":3.5,"b":false,
         "names":["true","9007199254740991",null],"bools":[true,false,true],"pairs":[[1,2],[1,2],[2,1]],"mix":[1,"1",1.0,"01"],
         "objects":[{"a":1,"b":2},{"b":2,"a":1}],"reordered":{"b":2,"a":1},"s":"1+2,3.4","big":9007199254740991}
        """

    @Test(arguments: [
        ("States.Format('Hello {}', $.a)", #""Hello x""#), (#"States.Format('Name: \'{}\', "{}"', $.a, $.n)"#, #""Name: 'x', \"2\"""#),
        ("States.Format('{}|{}|{}|{}', $.nil, $.b, $.d, $.big)", #""null|false|3.5|9007199254740991""#), ("States.Format('no')", #""no""#),
        ("States.Format('{}', $.o)", #""{k=1, l=[true, s]}""#), (#"States.Format('\{{}\}', 1)"#, #""{1}""#), ("States.Format($.tpl, 'Foo')", #""<{Foo}>""#),
        ("States.Format('{}', States.StringToJson($.json))", #""\"x\"""#), ("States.Format('{}', 1e10)", #""1.0E10""#), ("States.Format('{}', 0.00012)", #""1.2E-4""#),
        ("States.Format('{}', $x.y)", #""5""#), ("States.Array(1, States.Array(2, 'a'), null)", #"[1,[2,"a"],null]"#),
        ("States.ArrayPartition($.list, 2)", "[[10,20],[30]]"), ("States.ArrayPartition($.list, 2.6)", "[[10,20],[30]]"),
        ("States.ArrayPartition($.empty, 2147483647)", "[]"), ("States.ArrayContains($.list, 20)", "true"),
        ("States.ArrayContains($.names, true)", "true"), ("States.ArrayContains($.names, $.big)", "true"), ("States.ArrayContains($.names, null)", "true"),
        ("States.ArrayContains($.objects, $.reordered)", "true"), ("States.ArrayContains($.list, '2')", "false"),
        ("States.ArrayRange(1, 9, 2)", "[1,3,5,7,9]"), ("States.ArrayRange(1.4, 5.6, 2.2)", "[1,3,5]"), ("States.ArrayRange(1.6, 1.4, 1)", "[1]"),
        ("States.ArrayRange(5.4, -0.6, -2.4)", "[5,3,1]"), ("States.ArrayRange(5, 1, 1)", "[]"), ("States.ArrayRange(3, 3, -1)", "[3]"),
        ("States.ArrayGetItem($.list, 1.2)", "20"), ("States.ArrayGetItem($.empty, 999)", "null"), ("States.ArrayLength($.list)", "3"),
        ("States.ArrayLength($.list[*].nope)", "0"), ("States.ArrayUnique(States.Array(1,1,2,2,3))", "[1,2,3]"), ("States.ArrayUnique($.bools)", "[false,true]"),
        ("States.ArrayUnique($.pairs)", "[[2,1],[1,2]]"), ("States.ArrayUnique($.mix)", #"[1,"1","01"]"#), ("States.ArrayUnique($.objects)", #"[{"a":1,"b":2}]"#),
        ("States.Base64Encode('🚀')", #""8J+agA==""#), ("States.Base64Decode('4pyT')", #""✓""#), ("States.Base64Decode('abc')", #""i\#u{FFFD}""#),
        ("States.Base64Decode('ab==cd')", #""i""#), ("States.Base64Decode(' YWJjZA== ')", #""abcd""#), ("States.Base64Decode('YWJjAGRlZg==')", #""abc\u0000def""#),
        ("States.Hash('hello', 'MD5')", #""5d41402abc4b2a76b9719d911017c592""#), ("States.Hash('hello', 'SHA-1')", #""aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d""#),
        ("States.Hash('🚀', 'SHA-256')", #""ebbc0b2870eb323f2b6cffa5c493ceef81ae7eb36afc73d4e0367301631daec5""#),
        ("States.JsonMerge($.o, $.reordered, false)", #"{"k":1,"l":[true,"s"],"b":2,"a":1}"#), ("States.JsonMerge($.o, $.o, 'no')", #"{"k":1,"l":[true,"s"]}"#),
        ("States.JsonToString($.o)", #""{\"k\":1,\"l\":[true,\"s\"]}""#), ("States.StringToJson(' {\"a\":1} ')", #"{"a":1}"#), ("States.StringToJson('[1] rest')", "[1]"),
        ("States.MathAdd(1.6, 2.7)", "5"), ("States.MathAdd(0.1, 0.2)", "0"), ("States.MathAdd(1.4, 2.5)", "4"), ("States.MathAdd(-1.5, 0)", "-1"),
        ("States.MathAdd(2147483646, 1)", "2147483647"), ("States.MathAdd(-2147483647, -1)", "-2147483648"),
        ("States.MathRandom(1, 100, 42)", "63"), ("States.MathRandom(1, 1000, 1)", "106"), ("States.MathRandom(1, 1000, 2)", "806"),
        ("States.MathRandom(1, 10, -10)", "1"), ("States.MathRandom(2147483640, 2147483647, 1)", "2147483644"),
        ("States.StringSplit($.s, '.+,')", #"["1","2","3","4"]"#), ("States.StringSplit(',a,,b,', ',')", #"["a","b"]"#), ("States.StringSplit('', ',')", "[]"),
        ("States.StringSplit('abc', '')", #"["abc"]"#), ("States.StringSplit('1ä2ö3', 'öä')", #"["1","2","3"]"#), ("$.list[7]", "null"), ("$x.y", "5"),
    ])
    func `gives what AWS gives`(expression: String, expected: String) throws {
        #expect(try evaluated(expression, input: json(Self.input)).description == expected)
    }

    @Test(arguments: [
        "States.MathAdd('a', 1)", "States.MathAdd(true, 1)", "States.MathAdd(2147483647, 1)", "States.MathAdd(3000000000, 1)", "States.MathAdd(1)",
        "States.MathAdd(1, 2, 3)", "States.ArrayLength('a')", "States.ArrayGetItem($.list, 3)", "States.ArrayGetItem($.list, -1)",
        "States.ArrayGetItem($.list, '1')", "States.ArrayRange(1, 1001, 1)", "States.ArrayRange(1001, 1, -1)", "States.ArrayRange(1, 10, 0.49)",
        "States.ArrayRange('a', 5, 1)", "States.ArrayPartition($.list, 0.49)", "States.ArrayPartition($.list, -1)", "States.ArrayPartition($.list, '2')",
        "States.ArrayUnique($.o)", "States.ArrayContains('a', 'a')", "States.Hash('a', 'sha-256')", "States.Hash('a', 'SHA256')", "States.Hash('a', 1)",
        "States.Hash()", "States.Base64Encode(1)", "States.Base64Decode($.o)", "States.StringSplit($.n, ',')", "States.StringSplit('a', null)",
        "States.StringToJson($.n)", "States.JsonMerge($.o, $.list, false)", "States.JsonMerge($.o, $.o, true)", "States.MathRandom(1, 1)",
        "States.MathRandom(10, 5)", "States.MathRandom(1.4, 1.6)", "States.MathRandom(1, 10, 'seed')", "States.MathRandom(1, 10, null)",
        "States.UUID(1)", "States.JsonToString()",
    ])
    func `refuses arguments as AWS does`(expression: String) throws {
        let name = try #require(expression.split(separator: "(").first)
        #expect(
            try failure(expression, input: json(Self.input))
                == "There was an error while evaluating the intrinsic function: \(expression). Invalid arguments in \(name)")
    }

    @Test(arguments: [
        ("States.Format('Hello {', $.a)", "There was an error while evaluating the intrinsic function: States.Format('Hello {', $.a). Invalid template in States.Format: matching '}' not found for '{'."),
        ("States.Format('Hello {{}}', $.a)", "There was an error while evaluating the intrinsic function: States.Format('Hello {{}}', $.a). Invalid template in States.Format: matching '}' not found for '{'."),
        ("States.Format('}')", "There was an error while evaluating the intrinsic function: States.Format('}'). Invalid template in States.Format: matching '{' not found for '}'."),
        ("States.Format('{}')", "There was an error while evaluating the intrinsic function: States.Format('{}'). Invalid arguments in States.Format: number of arguments do not match the occurrences of {}."),
        ("States.ArrayLength(States.JsonToString($.list))", "There was an error while evaluating the intrinsic function: States.ArrayLength(States.JsonToString($.list)). Invalid arguments in States.ArrayLength"),
        ("States.Format('{}',$.nope)", "The function 'States.Format('{}',$.nope)' had the following error: The JsonPath argument for the field '$.nope' could not be found in the input '{\"list\":[1],\"a\":1}'"),
        ("States.Array(States.Array($.list[5]))", "The function 'States.Array(States.Array($.list[5]))' had the following error: The JsonPath argument for the field '$.list[5]' could not be found in the input '{\"list\":[1],\"a\":1}'"),
        ("States.Array($$.Nope.Deep)", "The function 'States.Array($$.Nope.Deep)' had the following error: The JsonPath argument for the field '$.Nope.Deep' could not be found in the input '{\"list\":[1],\"a\":1}'"),
        ("States.Array($.a[0])", "The function 'States.Array($.a[0])' had the following error: Filter: [0] can only be applied to arrays. Current context is: 1"),
        ("$.nope", "The JSONPath '$.nope' specified for the field 'v.$' could not be found in the input '{\"list\":[1],\"a\":1}'"),
        ("$$.Nope", "The JSONPath '$$.Nope' specified for the field 'v.$' could not be found in the input '{\"State\":\"S\"}'"),
    ])
    func `words other failures as AWS does`(expression: String, expected: String) throws {
        #expect(try failure(expression, input: ["list": [1], "a": 1]) == expected)
    }

    @Test(arguments: [
        ("{bad json}", "Unexpected character ('b' (code 98)): was expecting double-quote to start field name", 2),
        (#"{"a":1"#, "Unexpected end-of-input: expected close marker for Object (start marker at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 1])", 7),
        ("undefined", "Unrecognized token 'undefined': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')", 10),
        (#"{"a" 1}"#, "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value", 6),
        (#"{"a":1 "b"}"#, "Unexpected character ('\"' (code 34)): was expecting comma to separate Object entries", 8),
        ("[1 2]", "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries", 4),
        (#"{"a":"#, "Unexpected end-of-input: expected close marker for Object (start marker at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 1])", 6),
        (#""abc"#, "Unexpected end-of-input: was expecting closing quote for a string value", 5),
    ])
    func `words errors in JSON text as Jackson does`(text: String, message: String, column: Int) throws {
        #expect(
            try failure("States.StringToJson($.t)", input: ["t": .text(text)])
                == "There was an error while evaluating the intrinsic function: States.StringToJson($.t). Cannot convert String to Json in "
                + "States.StringToJson, caused by: \(message)\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); "
                + "line: 1, column: \(column)]")
    }

    @Test func `Base64 and hashes take ten thousand characters`() throws {
        for call in ["States.Base64Encode($.s)", "States.Base64Decode($.s)", "States.Hash($.s, 'MD5')"] {
            #expect(try failure(call, input: ["s": .text(String(repeating: "A", count: 10_000))]) == nil)
            #expect(try failure(call, input: ["s": .text(String(repeating: "A", count: 10_001))]) != nil)
        }
    }

    @Test func `hashes agree with the published vectors over block boundaries`() throws {
        let text896 = "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu"
        let vectors = [
            ("MD5", "03dd8807a93175fb062dfb55dc7d359c"), ("SHA-1", "a49b2446a02c645bf419f995b67091253a04a259"),
            ("SHA-256", "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"),
            ("SHA-384", "09330c33f71147e83d192fc782cd1b4753111b173b3b05d22fa08086e3b0f712fcc7c71a557e2db966c3e9fa91746039"),
            (
                "SHA-512",
                "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909"
            ),
        ]
        for (algorithm, digest) in vectors {
            #expect(try evaluated("States.Hash($.s, '\(algorithm)')", input: ["s": .text(text896)]) == .text(digest))
        }
        for length in 50..<140 {
            let text = String(repeating: "a", count: length)
            for (algorithm, digest) in vectors {
                let value = try evaluated("States.Hash($.s, '\(algorithm)')", input: ["s": .text(text)])
                #expect(value.text?.count == digest.count)
            }
        }
    }

    @Test func `UUIDs and random numbers come from the bits given`() throws {
        #expect(try evaluated("States.UUID()", random: { 0 }) == "00000000-0000-4000-8000-000000000000")
        #expect(try evaluated("States.UUID()", random: { .max }) == "ffffffff-ffff-4fff-bfff-ffffffffffff")
        var words = SeededWords(seed: 1)
        for _ in 0..<1000 {
            let number = try evaluated("States.MathRandom(-3, 3)", random: { words.next() }).integer ?? 99
            #expect(number >= -3 && number < 3)
        }
        #expect(try evaluated("States.MathRandom(-2147483648, 2147483647)", random: { 5 }).integer != nil)
    }
}
