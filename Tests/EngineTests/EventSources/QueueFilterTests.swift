import Engine
import JSONCore
import Testing

/// Filter criteria of queues: the cases of "Using event filtering with an Amazon SQS event source" in the Lambda Developer Guide.
@Suite struct QueueFilterTests {
    private static func passes(_ patterns: [String], body: String) throws -> Bool {
        try QueueFilter(patterns).passes([
            "messageId": "m", "body": .text(body), "attributes": ["SenderId": "AIDA"],
            "messageAttributes": ["level": ["stringValue": "high", "dataType": "String"]],
        ])
    }

    @Test(arguments: [
        ("{\"body\": {\"kind\": [\"order\"]}}", "{\"kind\": \"order\"}", true),
        ("{\"body\": {\"kind\": [\"order\"]}}", "{\"kind\": \"bill\"}", false),
        ("{\"body\": {\"n\": [{\"numeric\": [\">\", 3]}]}}", "{\"n\": 4}", true),
        // A pattern for JSON drops plain texts, and one for texts drops JSON.
        ("{\"body\": {\"kind\": [\"order\"]}}", "order", false), ("{\"body\": [\"order\"]}", "order", true),
        ("{\"body\": [\"order\"]}", "{\"kind\": \"order\"}", false), ("{\"body\": [{\"prefix\": \"or\"}]}", "order", true),
        // Without a body the rest decides.
        ("{\"attributes\": {\"SenderId\": [\"AIDA\"]}}", "anything", true), ("{\"attributes\": {\"SenderId\": [\"x\"]}}", "{}", false),
        ("{\"messageAttributes\": {\"level\": {\"stringValue\": [\"high\"]}}}", "x", true),
    ])
    func onePattern(pattern: String, body: String, passes: Bool) throws {
        #expect(try Self.passes([pattern], body: body) == passes)
    }

    @Test func oneOfSeveralPatternsIsEnough() throws {
        #expect(try Self.passes(["{\"body\": [\"a\"]}", "{\"body\": [\"b\"]}"], body: "b"))
        #expect(try !Self.passes(["{\"body\": [\"a\"]}", "{\"body\": [\"b\"]}"], body: "c"))
    }

    @Test func withoutPatternsAllPass() throws {
        #expect(try Self.passes([], body: "c"))
    }

    @Test func whatIsNoPatternIsAnError() {
        #expect(throws: (any Error).self) { try QueueFilter(["{\"body\": \"a\"}"]) }
    }
}
