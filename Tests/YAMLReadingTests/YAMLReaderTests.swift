import JSONCore
import Testing
import YAMLReading

/// YAML to JSON values and back.
struct YAMLReaderTests {
    @Test(arguments: [
        ("a: 1\nb: [x, 'y', \"z\"]", #"{"a":1,"b":["x","y","z"]}"#),
        ("z: 1\na: 2", #"{"z":1,"a":2}"#),
        ("- true\n- False\n- yes\n- 'true'", #"[true,false,"yes","true"]"#),
        ("- null\n- ~\n-\n- ''", #"[null,null,null,""]"#),
        ("- 12\n- -1.5\n- 0644\n- 0x10\n- +3\n- 1_000\n- .5\n- 2026-01-01", #"[12,-1.5,"0644","0x10","+3","1_000",".5","2026-01-01"]"#),
        ("- !!str 12\n- !!int 12", #"["12",12]"#),
        ("s: |\n  a\n  b\nt: >-\n  c\n  d", #"{"s":"a\nb\n","t":"c d"}"#),
        ("base: &b {x: 1}\nuse: *b", #"{"base":{"x":1},"use":{"x":1}}"#),
        ("1: one\ntrue: yes", #"{"1":"one","true":"yes"}"#),
        (
            "schemaVersion: '2.2'\nsteps:\n- run: '{{ commands }}'\n- run: echo {{ a }}",
            #"{"schemaVersion":"2.2","steps":[{"run":"{{ commands }}"},{"run":"echo {{ a }}"}]}"#
        ),
        ("", "null"), ("# nothing", "null"),
        ("grüße: ☕", #"{"grüße":"☕"}"#),
    ])
    func valuesAreReadInOrder(yaml: String, json: String) throws {
        #expect(JSONWriter.text(of: try YAMLReader.parse(yaml)) == json)
    }

    @Test(arguments: [
        ("a: [1, 2", 2...3), ("a: 1\n b: 2", 1...2), ("a: 'x", 1...2), ("a: 1\na: 2", 1...2), ("a: *nothing", 1...1),
        ("a: 1\n---\nb: 2", 2...3), ("a: !Ref x", 1...1), ("? [x]\n: 1", 1...1), ("\t- a", 1...1),
    ])
    func faultsAreNamedWithTheirPlace(yaml: String, lines: ClosedRange<Int>) throws {
        let error = #expect(throws: YAMLParseError.self) { try YAMLReader.parse(yaml) }
        let line = try #require(error?.line)
        #expect(lines.contains(line) || yaml.utf8.count < 12, "\(error?.description ?? "")")
        #expect(error?.column ?? 0 >= 1)
    }

    @Test func whatExpandsWithoutBoundsIsRefusedBeforeItIsComposed() {
        var laughs = "a: &a [x, x, x, x, x, x, x, x, x]\n"
        for (this, next) in zip("abcdefgh", "bcdefghi") {
            laughs += "\(next): &\(next) [*\(this), *\(this), *\(this), *\(this), *\(this), *\(this), *\(this), *\(this), *\(this)]\n"
        }
        #expect(throws: YAMLParseError.self) { try YAMLReader.parse(laughs + "? *i\n: 1") }
    }

    @Test func starsOfAScriptAreNoAliasesWithoutAnAnchor() throws {
        let script = "run:\n" + String(repeating: "- ls *foo && sleep 1 &\n", count: 100)
        #expect(try YAMLReader.parse(script)["run"]?.array?.count == 100)
    }

    @Test(arguments: [
        String(repeating: "[", count: 60_000), String(repeating: "- ", count: 30_000), String(repeating: "{a: ", count: 15_000),
        String(repeating: "[", count: 200) + String(repeating: "]", count: 200),
    ])
    func whatIsNestedTooDeeplyIsRefused(yaml: String) {
        #expect(throws: YAMLParseError.self) { try YAMLReader.parse(yaml) }
    }

    @Test(arguments: [
        #"{"schemaVersion":"2.2","n":12,"f":1.5,"t":true,"nothing":null,"empty":"","list":[],"map":{}}"#,
        ##"["yes","no","0644","1e3","2026-01-01","null","~","true","- x","a: b","# c","{{ commands }}","*a","&b","!c","'","\""]"##,
        #"{"script":"set -e\necho a\n","spaces":"  a\n b ","tab":"a\tb","trailing":"x\n\n","crlf":"a\r\nb"}"#,
        #"{"grüße":"☕","deep":{"a":[{"b":[{"c":"d"}]}]},"control":"\u0007"}"#,
    ])
    func whatIsWrittenIsReadBack(json: String) throws {
        let value = try JSONParser.parse(json)
        #expect(try YAMLReader.parse(YAMLWriter.text(of: value)) == value, "\(YAMLWriter.text(of: value))")
    }
}
