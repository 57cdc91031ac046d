import JSONCore
import Testing
import TimeSource

@testable import EventPatterns

@Suite struct InputTransformerTests {
    private static let event = """
        {"source":"aws.ec2","time":"2026-11-20T23:35:56Z","resources":["arn:one","arn:two"],\
        "detail":{"instance":"i-1","count":3,"ok":true,"nothing":null,"quote":"say \\"hi\\"\\n","tags":[{"k":"a"},{"k":"b"},{}],\
        "object":{"x":"y"},"a name":1}}
        """

    @Test(arguments: [
        ("$.source", #""aws.ec2""#), ("$.detail.instance", #""i-1""#), ("$.detail.count", "3"),
        ("$.resources[1]", #""arn:two""#), ("$.resources[2]", nil), ("$.detail.tags[0].k", #""a""#),
        ("$.detail.tags[*].k", #"["a","b"]"#), ("$.detail.missing", nil), ("$.source.deep", nil), ("$.detail.nothing", "null"),
        ("$.detail['a name']", "1"), (#"$["detail"].count"#, "3"), ("$.detail.object", #"{"x":"y"}"#), ("$.resources.x", nil),
    ])
    func pathsFindTheirValue(path: String, value: String?) throws {
        let event = try JSONParser.parse(Self.event)
        let compiled = try #require(EventPath(parsing: path))
        #expect(compiled.value(in: event).map { JSONWriter.text(of: $0) } == value)
    }

    @Test func theRootIsAPath() throws {
        let event = try JSONParser.parse(Self.event)
        #expect(EventPath(parsing: "$")?.value(in: event) == event)
    }

    @Test(arguments: ["", "detail", "$detail", "$.", "$..a", "$.a[", "$.a[]", "$.a[x]", "$.a['b]", "$.a['b'", "$.a[-1]", "$.a[0]b"])
    func whatIsNoPath(path: String) {
        #expect(EventPath(parsing: path) == nil)
    }

    private static let paths = [
        "instance": "$.detail.instance", "count": "$.detail.count", "ok": "$.detail.ok", "nothing": "$.detail.nothing",
        "quote": "$.detail.quote", "object": "$.detail.object", "arns": "$.resources", "missing": "$.detail.missing",
    ]

    @Test(arguments: [
        (#"{"i": <instance>, "n": <count>, "o": <object>}"#, #"{"i": "i-1", "n": 3, "o": {"x":"y"}}"#),
        (#"{"text": "<instance> has <count>, <ok>, <nothing>"}"#, #"{"text": "i-1 has 3, true, null"}"#),
        (#"{"q": "<quote>", "r": <quote>}"#, #"{"q": "say \"hi\"\n", "r": "say \"hi\"\n"}"#),
        (#"{"o": "in: <object>", "a": <arns>}"#, #"{"o": "in: {\"x\":\"y\"}", "a": ["arn:one","arn:two"]}"#),
        (#"{"m": <missing>, "s": "-<missing>-"}"#, #"{"m": "", "s": "--"}"#),
        (#""<instance> is in state \"<count>\"""#, #""i-1 is in state \"3\"""#),
        (#""<object> and <arns>""#, #""{x:y} and [arn:one,arn:two]""#),
        ("\"line <count>\"\n\"of <instance>\"", "\"line 3\"\n\"of i-1\""),
        ("<instance>", #""i-1""#), ("<object>", #"{"x":"y"}"#), ("[<count>, <ok>]", "[3, true]"), ("17", "17"),
        (#"{"a": "1 < 2 and <instance >"}"#, #"{"a": "1 < 2 and <instance >"}"#),
        (
            #"{"r": <aws.events.rule-arn>, "n": "<aws.events.rule-name>", "t": <aws.events.event.ingestion-time>}"#,
            #"{"r": "arn:rule", "n": "nightly", "t": "2026-11-20T23:35:56Z"}"#
        ),
        (
            #"{"e": <aws.events.event>}"#,
            #"{"e": {"time":"2026-11-20T23:35:56Z","source":"aws.ec2","resources":["arn:one","arn:two"]}}"#
        ),
    ])
    func templatesAreFilled(template: String, expected: String) throws {
        let event = try JSONParser.parse(Self.event)
        let transformer = try InputTransformer(paths: Self.paths, template: template)
        let context = InputTransformer.Context(
            ruleARN: "arn:rule", ruleName: "nightly", ingestedAt: Timestamp(seconds: 1_795_217_756))
        #expect(transformer.input(for: event, context: context) == expected)
        #expect(transformer.undefinedVariables.isEmpty)
    }

    @Test func theWholeEventCanBeInserted() throws {
        let event = try JSONParser.parse(Self.event)
        let transformer = try InputTransformer(paths: [:], template: #"{"e": <aws.events.event.json>, "s": "<aws.events.event.json>"}"#)
        let context = InputTransformer.Context(ruleARN: "", ruleName: "", ingestedAt: .epoch)
        let input = try JSONParser.parse(transformer.input(for: event, context: context))
        #expect(input["e"] == event)
        #expect(try JSONParser.parse(try #require(input["s"]?.text)) == event)
    }

    @Test(arguments: [
        "", "plain text", "{\"a\": <b>", "{<b>: 1}", "\"open", "\"one\" two", "{\"a\": 1} {\"b\": 2}", "\"a\"\n{\"b\": 1}",
    ])
    func templatesThatAreNeitherJSONNorText(template: String) {
        #expect(throws: InputTransformerError.self) { try InputTransformer(paths: [:], template: template) }
    }

    @Test func mapsAreChecked() throws {
        #expect(throws: InputTransformerError.self) { try InputTransformer(paths: ["AWS.x": "$.a"], template: "1") }
        #expect(throws: InputTransformerError.self) { try InputTransformer(paths: ["a b": "$.a"], template: "1") }
        #expect(throws: InputTransformerError.self) { try InputTransformer(paths: ["a": "a"], template: "1") }
        let many = Dictionary(uniqueKeysWithValues: (0...100).map { ("k\($0)", "$.a") })
        #expect(throws: InputTransformerError.self) { try InputTransformer(paths: many, template: "1") }
        #expect(try InputTransformer(paths: ["a": "$.a"], template: "[<a>, <b>]").undefinedVariables == ["b"])
    }
}
