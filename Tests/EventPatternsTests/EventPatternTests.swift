import JSONCore
import Testing

@testable import EventPatterns

@Suite struct EventPatternTests {
    private static let event = """
        {"version": "0", "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718", "detail-type": "EC2 Instance State-change Notification",
         "source": "aws.ec2", "account": "111122223333", "time": "2017-12-22T18:43:48Z", "region": "us-west-1",
         "resources": ["arn:aws:ec2:us-west-1:123456789012:instance/i-1234567890abcdef0"],
         "detail": {"instance-id": "i-1234567890abcdef0", "state": "terminated", "c-count": 5, "d-count": 3.018e2,
          "x-limit": 3.018e2, "ip": "10.0.0.123", "ip6": "2001:db8::ff", "file": "dir/Report.PNG", "empty": "", "nothing": null,
          "flag": true, "tags": ["a", "b", ["c"]], "none": [], "object": {"inner": 1},
          "steps": [{"name": "one", "status": "ok"}, {"name": "two", "status": "failed"}], "Grüße": "STRASSE É"}}
        """

    /// Patterns for `detail`, and whether they match.
    @Test(arguments: [
        (#"{"state": ["terminated"]}"#, true), (#"{"state": ["running", "terminated"]}"#, true),
        (#"{"state": ["Terminated"]}"#, false), (#"{"state": ["running"]}"#, false), (#"{"missing": ["x"]}"#, false),
        (#"{"c-count": [5]}"#, true), (#"{"c-count": [5.0]}"#, true), (#"{"c-count": ["5"]}"#, false),
        (#"{"d-count": [301.8]}"#, true), (#"{"nothing": [null]}"#, true), (#"{"empty": [null]}"#, false),
        (#"{"empty": [""]}"#, true), (#"{"missing": [null]}"#, false), (#"{"flag": [true]}"#, true),
        (#"{"flag": ["true"]}"#, false), (#"{"flag": [false]}"#, false),
        (#"{"state": [{"prefix": "term"}]}"#, true), (#"{"state": [{"prefix": "Term"}]}"#, false),
        (#"{"state": [{"prefix": {"equals-ignore-case": "TERM"}}]}"#, true), (#"{"state": [{"prefix": ""}]}"#, true),
        (#"{"file": [{"suffix": ".PNG"}]}"#, true), (#"{"file": [{"suffix": ".png"}]}"#, false),
        (#"{"file": [{"suffix": {"equals-ignore-case": ".png"}}]}"#, true),
        (#"{"file": [{"equals-ignore-case": "DIR/report.png"}]}"#, true),
        (#"{"Grüße": [{"equals-ignore-case": "strasse é"}]}"#, true),
        (#"{"file": [{"wildcard": "dir/*.PNG"}]}"#, true), (#"{"file": [{"wildcard": "*"}]}"#, true),
        (#"{"file": [{"wildcard": "*e*o*"}]}"#, true), (#"{"file": [{"wildcard": "dir*dir"}]}"#, false),
        (#"{"file": [{"wildcard": "dir\\*"}]}"#, false), (#"{"empty": [{"wildcard": "*"}]}"#, true),
        (#"{"c-count": [{"numeric": [">", 0, "<=", 5]}]}"#, true), (#"{"c-count": [{"numeric": ["<", 5]}]}"#, false),
        (#"{"c-count": [{"numeric": ["=", 5]}]}"#, true), (#"{"d-count": [{"numeric": [">=", 301.8]}]}"#, true),
        (#"{"state": [{"numeric": [">", 0]}]}"#, false), (#"{"c-count": [{"prefix": "5"}]}"#, false),
        (#"{"state": [{"anything-but": "running"}]}"#, true), (#"{"state": [{"anything-but": "terminated"}]}"#, false),
        (#"{"state": [{"anything-but": ["running", "terminated"]}]}"#, false), (#"{"c-count": [{"anything-but": 4}]}"#, true),
        (#"{"c-count": [{"anything-but": [4, 5]}]}"#, false), (#"{"missing": [{"anything-but": "x"}]}"#, false),
        (#"{"state": [{"anything-but": {"prefix": "run"}}]}"#, true),
        (#"{"state": [{"anything-but": {"prefix": ["run", "term"]}}]}"#, false),
        (#"{"file": [{"anything-but": {"suffix": ".PNG"}}]}"#, false),
        (#"{"state": [{"anything-but": {"equals-ignore-case": "TERMINATED"}}]}"#, false),
        (#"{"state": [{"anything-but": {"equals-ignore-case": ["running", "stopped"]}}]}"#, true),
        (#"{"file": [{"anything-but": {"wildcard": "*/Report*"}}]}"#, false),
        (#"{"tags": [{"anything-but": "a"}]}"#, true), (#"{"tags": [{"anything-but": ["a", "b", "c"]}]}"#, false),
        (#"{"state": [{"exists": true}]}"#, true), (#"{"state": [{"exists": false}]}"#, false),
        (#"{"missing": [{"exists": false}]}"#, true), (#"{"missing": [{"exists": true}]}"#, false),
        (#"{"nothing": [{"exists": true}]}"#, true), (#"{"object": [{"exists": true}]}"#, false),
        (#"{"object": {"inner": [{"exists": true}]}}"#, true), (#"{"object": {"other": [{"exists": false}]}}"#, true),
        (#"{"missing": {"deep": [{"exists": false}]}}"#, true), (#"{"missing": {"deep": [{"exists": true}]}}"#, false),
        (#"{"none": [{"exists": false}]}"#, true), (#"{"missing": ["x", {"exists": false}]}"#, true),
        (#"{"state": ["x", {"exists": false}]}"#, false), (#"{"steps": {"name": [{"exists": false}]}}"#, false),
        (#"{"ip": [{"cidr": "10.0.0.0/24"}]}"#, true), (#"{"ip": [{"cidr": "10.0.1.0/24"}]}"#, false),
        (#"{"ip": [{"cidr": "0.0.0.0/0"}]}"#, true), (#"{"ip": [{"cidr": "10.0.0.123/32"}]}"#, true),
        (#"{"ip6": [{"cidr": "2001:db8::/32"}]}"#, true), (#"{"ip6": [{"cidr": "2001:db9::/32"}]}"#, false),
        (#"{"ip": [{"cidr": "2001:db8::/32"}]}"#, false), (#"{"state": [{"cidr": "10.0.0.0/24"}]}"#, false),
        (#"{"tags": ["b"]}"#, true), (#"{"tags": ["c"]}"#, true), (#"{"tags": ["d"]}"#, false),
        (#"{"steps": {"name": ["one"], "status": ["ok"]}}"#, true), (#"{"steps": {"name": ["one"], "status": ["failed"]}}"#, false),
        (#"{"steps": {"name": ["two"]}}"#, true), (#"{"state": {"deep": ["x"]}}"#, false), (#"{"object": ["x"]}"#, false),
        (#"{"$or": [{"state": ["running"]}, {"c-count": [5]}]}"#, true),
        (#"{"$or": [{"state": ["running"]}, {"c-count": [6]}]}"#, false),
        (#"{"$or": [{"state": ["running"]}, {"c-count": [5]}], "flag": [false]}"#, false),
        (#"{"$or": [{"state": ["x"]}, {"$or": [{"flag": [true]}, {"flag": [null]}], "c-count": [5]}]}"#, true),
        (#"{"$or": [{"prefix": "a"}, {"suffix": "b"}]}"#, false),
        (#"{"state": [{"exactly": "terminated"}]}"#, true),
    ])
    func matchesTheDetail(pattern: String, matches: Bool) throws {
        let event = try JSONParser.parse(Self.event)
        #expect(try EventPattern(parsing: #"{"detail": \#(pattern)}"#).matches(event) == matches)
    }

    @Test func allFieldsNamedMustMatch() throws {
        let event = try JSONParser.parse(Self.event)
        #expect(
            try EventPattern(
                parsing: #"{"source": ["aws.ec2"], "detail-type": ["EC2 Instance State-change Notification"]}"#
            ).matches(event))
        #expect(try !EventPattern(parsing: #"{"source": ["aws.ec2"], "account": ["0"]}"#).matches(event))
        #expect(try EventPattern(parsing: #"{"resources": [{"prefix": "arn:aws:ec2"}]}"#).matches(event))
    }

    @Test func absenceIsJudgedOverAllElements() throws {
        let pattern = try EventPattern(parsing: #"{"detail": {"steps": {"code": [{"exists": false}]}}}"#)
        #expect(pattern.matches(try JSONParser.parse(#"{"detail": {"steps": [{"name": "a"}, {"name": "b"}]}}"#)))
        #expect(!pattern.matches(try JSONParser.parse(#"{"detail": {"steps": [{"name": "a"}, {"code": 1}]}}"#)))
    }

    @Test(arguments: [
        ("[]", "Filter is not an object"), (#""x""#, "Filter is not an object"), ("{}", "Empty objects are not allowed"),
        (#"{"a": {}}"#, "Empty objects are not allowed"), (#"{"a": []}"#, "Empty arrays are not allowed"),
        (#"{"detail-type": "x"}"#, #""detail-type" must be an object or an array"#),
        (#"{"a": 1}"#, #""a" must be an object or an array"#),
        (#"{"a": [["x"]]}"#, "Match value must be String, number, true, false, or null"),
        (#"{"a": [{}]}"#, "Match expression name not found"), (#"{"a": [{"prefixes": "x"}]}"#, "Unrecognized match type prefixes"),
        (#"{"a": [{"prefix": "x", "suffix": "y"}]}"#, "Only one key allowed in match expression"),
        (#"{"a": [{"prefix": 1}]}"#, "prefix match pattern must be a string"),
        (#"{"a": [{"prefix": {"wildcard": "x"}}]}"#, "Unsupported prefix pattern: wildcard"),
        (#"{"a": [{"suffix": null}]}"#, "suffix match pattern must be a string"),
        (#"{"a": [{"equals-ignore-case": []}]}"#, "equals-ignore-case match pattern must be a string"),
        (#"{"a": [{"wildcard": "a**b"}]}"#, "Consecutive wildcard characters at pos 2"),
        (#"{"a": [{"wildcard": "a\\b"}]}"#, "Invalid escape character at pos 2"),
        (#"{"a": [{"exists": "true"}]}"#, "exists match pattern must be either true or false."),
        (#"{"a": [{"numeric": 5}]}"#, "Value of numeric must be an array."),
        (#"{"a": [{"numeric": []}]}"#, "Invalid member in numeric match: ]"),
        (#"{"a": [{"numeric": [5]}]}"#, "Invalid member in numeric match: 5"),
        (#"{"a": [{"numeric": ["=", "5"]}]}"#, "Value of equals must be numeric"),
        (#"{"a": [{"numeric": ["!", 5]}]}"#, "Unrecognized numeric range operator: !"),
        (#"{"a": [{"numeric": ["<", 5, ">", 0]}]}"#, "Too many elements in numeric expression"),
        (#"{"a": [{"numeric": [">", 0, ">", 5]}]}"#, "Bad numeric range operator: >"),
        (#"{"a": [{"numeric": [">", 5, "<", 0]}]}"#, "Bottom must be less than top"),
        (#"{"a": [{"numeric": [">", 0, "<"]}]}"#, "Value of < must be numeric"),
        (#"{"a": [{"numeric": [">", 0, "<", 5, 6]}]}"#, "Too many terms in numeric range expression"),
        (#"{"a": [{"numeric": [">", 0, 5]}]}"#, "Bad value in numeric range: 5"),
        (#"{"a": [{"anything-but": null}]}"#, "Value of anything-but must be an array or single string/number value."),
        (#"{"a": [{"anything-but": []}]}"#, "Empty arrays are not allowed"),
        (#"{"a": [{"anything-but": [true]}]}"#, "Inside anything but list, start|null|boolean is not supported."),
        (
            #"{"a": [{"anything-but": ["x", 1]}]}"#,
            "Inside anything but list, either all values are number or string, mixed type is not supported"
        ),
        (#"{"a": [{"anything-but": {"numeric": [">", 0]}}]}"#, "Unsupported anything-but pattern: numeric"),
        (#"{"a": [{"anything-but": {"prefix": 1}}]}"#, "prefix/suffix match pattern must be a string"),
        (#"{"a": [{"anything-but": {"suffix": [null, "x"]}}]}"#, "prefix/suffix match pattern must be a string"),
        (#"{"a": [{"anything-but": {"suffix": ""}}]}"#, "Null prefix/suffix not allowed"),
        (
            #"{"a": [{"anything-but": {"prefix": {"equals-ignore-case": "x"}}}]}"#,
            "Value of anything-but must be an array or single string/number value."
        ),
        (#"{"a": [{"anything-but": {"wildcard": [1, "*"]}}]}"#, "wildcard match pattern must be a string"),
        (
            #"{"a": [{"anything-but": {"equals-ignore-case": 1}}]}"#,
            "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported."
        ),
        (#"{"a": [{"cidr": 1}]}"#, "prefix match pattern must be a string"),
        (#"{"a": [{"cidr": "10.0.0.0"}]}"#, "Malformed CIDR, one '/' required"),
        (#"{"a": [{"cidr": "10.0.0/8"}]}"#, "Nonstandard IP address: 10.0.0"),
        (#"{"a": [{"cidr": "10.0.0.0/x"}]}"#, "Malformed CIDR, mask bits must be an integer"),
        (#"{"a": [{"cidr": "10.0.0.0/33"}]}"#, "IPv4 mask bits must be < 32"),
        (#"{"$or": [{"a": ["x"]}]}"#, "Unrecognized match type a"),
    ])
    func faultyPatternsAreRefusedInAWSWords(pattern: String, reason: String) {
        #expect(throws: EventPatternError(reason)) { try EventPattern(parsing: pattern) }
        #expect(EventPatternError(reason).eventPatternMessage == "Event pattern is not valid. Reason: \(reason)")
    }

    @Test(arguments: [
        ("", "Unexpected end-of-input", 1), ("{", "Unexpected end-of-input", 2),
        (#"{"a": ["x"],}"#, "Unexpected character ('}' (code 125)): was expecting double-quote to start field name", 13),
        ("{'a': 1}", "Unexpected character (''' (code 39)): was expecting double-quote to start field name", 2),
        (#"{"a" 1}"#, "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value", 6),
        (#"{"a": [1 2]}"#, "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries", 10),
        (#"{"a": [1] "b"}"#, "Unexpected character ('\"' (code 34)): was expecting comma to separate Object entries", 11),
        (
            "this is no JSON",
            "Unrecognized token 'this': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')", 5
        ),
        (
            #"{"not": closed mark""#,
            "Unrecognized token 'closed': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')", 15
        ),
    ])
    func whatIsNotJSONSaysWhatAndWhere(pattern: String, reason: String, column: Int) {
        let error = EventPatternError("\(reason)\n at [Source: (String)\"\(pattern)\"; line: 1, column: \(column)]")
        #expect(throws: error) { try EventPattern(parsing: pattern) }
    }

    @Test func ofAFieldNamedTwiceTheLastCounts() throws {
        let pattern = try EventPattern(parsing: #"{"a": [{"prefix": "us-"}], "a": [{"anything-but": "us-east"}]}"#)
        #expect(pattern.matches(["a": "eu-central-1"]))
        #expect(!pattern.matches(["a": "us-east"]))
    }

    @Test(arguments: [
        (#"{"state.status": ["on"]}"#, #"{"state": {"status": "on"}}"#, true),
        (#"{"state.status": {"status": ["on"]}}"#, #"{"state": {"status": "on"}}"#, false),
        (#"{"state": {"status": ["on"]}}"#, #"{"state.status": "on"}"#, true),
        (#"{"state": {"status": ["on"]}}"#, #"{"state.status": {"status": "on"}}"#, false),
        (#"{"a.b.c": ["x"]}"#, #"{"a.b": {"c": "x"}}"#, true), (#"{"a.b.c": ["x"]}"#, #"{"a": {"b.c": "x"}}"#, true),
        (#"{"a.b.c": ["x"]}"#, #"{"a.b.c": "x"}"#, true), (#"{"a.b.c": ["x"]}"#, #"{"a": {"b": {"c": "y"}}}"#, false),
        (#"{"a": ["x"], "a.b": [1]}"#, #"{"a": "x", "a.b": 1}"#, true),
        (#"{"a": {"b": [1], "c": [2]}}"#, #"{"a": {"b": 1}, "a.c": 2}"#, true),
        (#"{"a.b": [{"exists": false}]}"#, #"{"a": {"b": 1}}"#, false), (#"{"a.b": [{"exists": false}]}"#, #"{"a": 1}"#, true),
        (#"{"a..b": ["x"]}"#, #"{"a..b": "x"}"#, true),
    ])
    func dotsJoinNames(pattern: String, event: String, matches: Bool) throws {
        let (pattern, event) = (try EventPattern(parsing: pattern), try JSONParser.parse(event))
        #expect(pattern.matches(event) == matches)
        let candidates = PatternIndex([pattern]).candidates(for: EventPattern.prepared(event))
        #expect(!matches || candidates == [0])
    }

    @Test(arguments: [
        ("::", true), ("::1", true), ("1:2:3:4:5:6:7:8", true), ("::ffff:10.0.0.1", true), ("1::8", true),
        ("1:2:3:4:5:6:7", false), ("1:2:3:4:5:6:7:8:9", false), ("1::2::3", false), ("12345::", false), ("g::", false),
        (":::", false), ("1.2.3", false), ("1.2.3.256", false), ("1.2.3.4.5", false), ("", false), ("+1::", false),
    ])
    func readsAddresses(text: String, isAddress: Bool) {
        #expect((IPAddress.bytes(text) != nil) == isAddress)
    }

    @Test(arguments: [
        ("a*b*c", true), ("*a*a*a*", true), ("arn:aws:*:*:*:function:*-prod", true), ("*.*.*.example.com", true), ("dir/*", true),
        (String(repeating: "a*", count: 40) + "b", false), (String(repeating: "*a", count: 12), false), ("*aaaaaaaaaaaa*", false),
    ])
    func wildcardsThatAreInManyPlacesAtOnceAreRefused(_ wildcard: String, isTaken: Bool) {
        do {
            _ = try EventPattern(parsing: #"{"a": [{"wildcard": "\#(wildcard)"}]}"#)
            #expect(isTaken)
        } catch {
            #expect(!isTaken && error.reason.hasPrefix("Rule is too complex"))
        }
    }

    @Test func alternativesMultiplyToAThousand() throws {
        let choices = (0..<10).map { #"{"f": ["\#($0)"]}"# }.joined(separator: ",")
        func pattern(_ levels: Int) -> String {
            (0..<levels).map { #""l\#($0)": {"$or": [\#(choices)]}"# }.joined(separator: ",")
        }
        #expect(throws: Never.self) { try EventPattern(parsing: "{\(pattern(3))}") }
        #expect(throws: EventPatternError.self) { try EventPattern(parsing: "{\(pattern(4))}") }
    }
}
