import JSONCore
import Testing

@testable import EventPatterns

/// The examples of the EventBridge User Guide, with what it says of each. A case names the page's section.
struct DocumentedPatternTests {
    /// A pattern for a whole event, an event, and whether they match.
    struct Example: Sendable, CustomTestStringConvertible {
        let section: String
        let pattern: String
        let event: String
        let matches: Bool

        var testDescription: String { "\(section): \(pattern.prefix(60))" }

        init(_ section: String, _ pattern: String, _ event: String, _ matches: Bool) {
            (self.section, self.pattern, self.event, self.matches) = (section, pattern, event, matches)
        }

        /// A pattern and an event for `detail` alone.
        static func detail(_ section: String, _ pattern: String, _ detail: String, _ matches: Bool) -> Example {
            Example(section, #"{"detail": \#(pattern)}"#, #"{"detail": \#(detail)}"#, matches)
        }
    }

    private static let ec2 = """
        {"version": "0", "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718", "detail-type": "EC2 Instance State-change Notification",
         "source": "aws.ec2", "account": "111122223333", "time": "2017-12-22T18:43:48Z", "region": "us-west-1",
         "resources": ["arn:aws:ec2:us-west-1:123456789012:instance/i-1234567890abcdef0"],
         "detail": {"instance-id": "i-1234567890abcdef0", "state": "terminated"}}
        """

    /// "Creating Amazon EventBridge event patterns" and "Matching multiple values for an event field", "… empty strings and null values".
    private static let basics: [Example] = [
        Example(
            "Event patterns",
            #"{"source": ["aws.ec2"], "detail-type": ["EC2 Instance State-change Notification"], "detail": {"state": ["terminated"]}}"#,
            ec2,
            true),
        Example("Event patterns", #"{"source": ["aws.ec2"], "detail": {"state": ["running"]}}"#, ec2, false),
        Example("Event patterns", #"{"region": ["us-west-1"], "detail": {"state": ["terminated", "stopped"]}}"#, ec2, true),
        Example(
            "Arrays",
            """
            {"resources": ["arn:aws:ec2:us-east-1:123456789012:instance/i-b188560f",
             "arn:aws:ec2:us-east-1:111122223333:instance/i-b188560f"]}
            """,
            """
            {"resources": ["arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:eb56d16b",
             "arn:aws:ec2:us-east-1:111122223333:instance/i-b188560f"]}
            """, true),
        Example("Arrays", #"{"resources": ["a", "b"]}"#, #"{"resources": ["c", "d"]}"#, false),
        .detail("Null values and empty strings", #"{"eventVersion": [""]}"#, #"{"eventVersion": "", "responseElements": null}"#, true),
        .detail(
            "Null values and empty strings", #"{"responseElements": [null]}"#, #"{"eventVersion": "", "responseElements": null}"#, true),
        .detail("Null values and empty strings", #"{"eventVersion": [null]}"#, #"{"eventVersion": "", "responseElements": null}"#, false),
        .detail("Null values and empty strings", #"{"responseElements": [""]}"#, #"{"eventVersion": "", "responseElements": null}"#, false),
    ]

    /// "Comparison operators for use in event patterns in Amazon EventBridge".
    private static let operators: [Example] = [
        Example("Prefix matching", #"{"time": [{"prefix": "2017-12-22"}]}"#, ec2, true),
        Example("Prefix matching", #"{"time": [{"prefix": "2017-10-02"}]}"#, ec2, false),
        .detail("Prefix matching", #"{"service": [{"prefix": {"equals-ignore-case": "EventB"}}]}"#, #"{"service": "eventbridge"}"#, true),
        .detail("Prefix matching", #"{"service": [{"prefix": {"equals-ignore-case": "EventB"}}]}"#, #"{"service": "bridge"}"#, false),
        .detail("Suffix matching", #"{"FileName": [{"suffix": ".png"}]}"#, #"{"FileName": "a.png"}"#, true),
        .detail("Suffix matching", #"{"FileName": [{"suffix": ".png"}]}"#, #"{"FileName": "a.PNG"}"#, false),
        .detail("Suffix matching", #"{"FileName": [{"suffix": {"equals-ignore-case": ".png"}}]}"#, #"{"FileName": "a.PNG"}"#, true),
        .detail("Anything-but", #"{"state": [{"anything-but": "initializing"}]}"#, #"{"state": "running"}"#, true),
        .detail("Anything-but", #"{"state": [{"anything-but": "initializing"}]}"#, #"{"state": "initializing"}"#, false),
        .detail("Anything-but", #"{"x-limit": [{"anything-but": 123}]}"#, #"{"x-limit": 456}"#, true),
        .detail("Anything-but", #"{"x-limit": [{"anything-but": 123}]}"#, #"{"x-limit": 123}"#, false),
        .detail("Anything-but", #"{"state": [{"anything-but": ["stopped", "overloaded"]}]}"#, #"{"state": "stopped"}"#, false),
        .detail("Anything-but", #"{"state": [{"anything-but": ["stopped", "overloaded"]}]}"#, #"{"state": "running"}"#, true),
        .detail("Anything-but", #"{"x-limit": [{"anything-but": [100, 200, 300]}]}"#, #"{"x-limit": 200}"#, false),
        .detail("Anything-but", #"{"x-limit": [{"anything-but": [100, 200, 300]}]}"#, #"{"x-limit": 201}"#, true),
        .detail(
            "Anything-but ignoring case", #"{"state": [{"anything-but": {"equals-ignore-case": "initializing"}}]}"#,
            #"{"state": "INITIALIZING"}"#, false),
        .detail(
            "Anything-but ignoring case", #"{"state": [{"anything-but": {"equals-ignore-case": ["initializing", "stopped"]}}]}"#,
            #"{"state": "Stopped"}"#, false),
        .detail(
            "Anything-but ignoring case", #"{"state": [{"anything-but": {"equals-ignore-case": ["initializing", "stopped"]}}]}"#,
            #"{"state": "on"}"#, true),
        .detail("Anything-but prefixes", #"{"state": [{"anything-but": {"prefix": "init"}}]}"#, #"{"state": "initializing"}"#, false),
        .detail("Anything-but prefixes", #"{"state": [{"anything-but": {"prefix": ["init", "error"]}}]}"#, #"{"state": "errors"}"#, false),
        .detail("Anything-but prefixes", #"{"state": [{"anything-but": {"prefix": ["init", "error"]}}]}"#, #"{"state": "done"}"#, true),
        .detail("Anything-but suffixes", #"{"FileName": [{"anything-but": {"suffix": ".txt"}}]}"#, #"{"FileName": "a.txt"}"#, false),
        .detail(
            "Anything-but suffixes", #"{"FileName": [{"anything-but": {"suffix": [".txt", ".rtf"]}}]}"#, #"{"FileName": "a.rtf"}"#, false),
        .detail(
            "Anything-but suffixes", #"{"FileName": [{"anything-but": {"suffix": [".txt", ".rtf"]}}]}"#, #"{"FileName": "a.pdf"}"#, true),
        .detail(
            "Anything-but wildcards", #"{"FileName": [{"anything-but": {"wildcard": "*/lib/*"}}]}"#, #"{"FileName": "a/lib/b"}"#, false),
        .detail(
            "Anything-but wildcards", #"{"FileName": [{"anything-but": {"wildcard": ["*/lib/*", "*/bin/*"]}}]}"#,
            #"{"FileName": "a/bin/b"}"#, false),
        .detail(
            "Anything-but wildcards", #"{"FileName": [{"anything-but": {"wildcard": ["*/lib/*", "*/bin/*"]}}]}"#,
            #"{"FileName": "a/etc/b"}"#, true),
        .detail("Numeric matching", numeric, #"{"c-count": 3, "d-count": 9, "x-limit": 301.8}"#, true),
        .detail("Numeric matching", numeric, #"{"c-count": 6, "d-count": 9, "x-limit": 301.8}"#, false),
        .detail("Numeric matching", numeric, #"{"c-count": 3, "d-count": 10, "x-limit": 301.8}"#, false),
        .detail("IP address matching", #"{"sourceIPAddress": [{"cidr": "10.0.0.0/24"}]}"#, #"{"sourceIPAddress": "10.0.0.255"}"#, true),
        .detail("IP address matching", #"{"sourceIPAddress": [{"cidr": "10.0.0.0/24"}]}"#, #"{"sourceIPAddress": "10.0.1.0"}"#, false),
        .detail("Exists matching", #"{"state": [{"exists": true}]}"#, #"{"state": "on"}"#, true),
        .detail("Exists matching", #"{"c-count": [{"exists": false}]}"#, #"{"c-count": {"c1": 100}}"#, true),
        .detail("Exists matching", #"{"c-count": {"c1": [{"exists": false}]}}"#, #"{"c-count": {"c1": 100}}"#, false),
        Example(
            "Equals-ignore-case matching", #"{"detail-type": [{"equals-ignore-case": "ec2 instance state-change notification"}]}"#, ec2,
            true),
        .detail(
            "Wildcards", #"{"EventBusArn": [{"wildcard": "arn:*:event-bus/*"}]}"#, #"{"EventBusArn": "arn:aws:events:::event-bus/a"}"#, true
        ),
        .detail("Wildcards", #"{"FileName": [{"wildcard": "a\\*b"}]}"#, #"{"FileName": "a*b"}"#, true),
        .detail("Wildcards", #"{"FileName": [{"wildcard": "a\\*b"}]}"#, #"{"FileName": "axb"}"#, false),
        .detail("Wildcards", #"{"FileName": [{"wildcard": "a\\\\*"}]}"#, #"{"FileName": "a\\b"}"#, true),
    ]

    private static let numeric = """
        {"c-count": [{"numeric": [">", 0, "<=", 5]}], "d-count": [{"numeric": ["<", 10]}], "x-limit": [{"numeric": ["=", 3.018e2]}]}
        """

    /// "Complex example with multiple matching" and "Or matching".
    private static let combined: [Example] = [
        .detail("Or matching", alternatives, #"{"c-count": 1, "d-count": 50, "x-limit": 1}"#, true),
        .detail("Or matching", alternatives, #"{"c-count": 9, "d-count": 5, "x-limit": 1}"#, true),
        .detail("Or matching", alternatives, #"{"c-count": 9, "d-count": 50, "x-limit": 301.8}"#, true),
        .detail("Or matching", alternatives, #"{"c-count": 9, "d-count": 50, "x-limit": 1}"#, false),
        Example(
            "Or matching",
            #"{"source": ["aws.cloudwatch"], "$or": [{"detail": {"metricType": ["MetricType"]}}, {"detail": {"namespace": ["AWS/EC2"]}}]}"#,
            #"{"source": "aws.cloudwatch", "detail": {"namespace": "AWS/EC2"}}"#, true),
        Example("Complex example", complex, #"{"time": "2017-10-02", "detail": {"state": "on", "c-count": 3, "x-limit": 3}}"#, true),
        Example(
            "Complex example", complex, #"{"time": "2017-10-02", "detail": {"state": "initializing", "c-count": 3, "x-limit": 3}}"#, false),
        Example("Complex example", complex, #"{"time": "2017-10-02", "detail": {"state": "on", "c-count": 3, "x-limit": 200}}"#, false),
    ]

    private static let alternatives = """
        {"$or": [{"c-count": [{"numeric": [">", 0, "<=", 5]}]}, {"d-count": [{"numeric": ["<", 10]}]},
         {"x-limit": [{"numeric": ["=", 3.018e2]}]}]}
        """

    private static let complex = """
        {"time": [{"prefix": "2017-10-02"}], "detail": {"state": [{"anything-but": "initializing"}],
         "c-count": [{"numeric": [">", 0, "<=", 5]}], "x-limit": [{"anything-but": [100, 200, 300]}]}}
        """

    /// The README of Event Ruler, AWS's own matcher: numbers by value, and "array consistency".
    private static let ruler: [Example] = [
        .detail("Event Ruler, numbers", #"{"n": [300]}"#, #"{"n": 300.0}"#, true),
        .detail("Event Ruler, numbers", #"{"n": [300]}"#, #"{"n": 3.0e2}"#, true),
        .detail("Event Ruler, numbers", #"{"n": [3.0e2]}"#, #"{"n": 300}"#, true),
        .detail("Event Ruler, numbers", #"{"n": [300]}"#, #"{"n": "300"}"#, false),
        .detail(
            "Event Ruler, array consistency", #"{"employees": {"firstName": ["Anna"], "lastName": ["Jones"]}}"#,
            #"{"employees": [{"firstName": "Anna", "lastName": "Smith"}, {"firstName": "Peter", "lastName": "Jones"}]}"#, false),
        .detail(
            "Event Ruler, array consistency", #"{"employees": {"firstName": ["Anna"], "lastName": ["Smith"]}}"#,
            #"{"employees": [{"firstName": "Anna", "lastName": "Smith"}, {"firstName": "Peter", "lastName": "Jones"}]}"#, true),
        .detail(
            "Event Ruler, array consistency", #"{"a": {"b": {"c": ["x"], "d": ["y"]}}}"#,
            #"{"a": [{"b": [{"c": "x", "d": "n"}, {"c": "x", "d": "y"}]}]}"#, true),
        .detail(
            "Event Ruler, array consistency", #"{"a": {"b": {"c": ["x"], "d": ["y"]}}}"#,
            #"{"a": [{"b": [{"c": "x", "d": "n"}]}, {"b": [{"c": "n", "d": "y"}]}]}"#, false),
    ]

    @Test("The documentation's examples", arguments: basics + operators + combined + ruler)
    func examples(_ example: Example) throws {
        let event = try JSONParser.parse(example.event)
        let pattern = try EventPattern(parsing: example.pattern)
        #expect(pattern.matches(event) == example.matches)
        if example.matches { #expect(PatternIndex([pattern]).candidates(for: event) == [0]) }
    }
}
