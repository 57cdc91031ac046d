import Testing

@testable import EventPatterns

@Suite struct FilterPolicyTests {
    private static let attributes: [FilterPolicy.Attribute] = [
        .init(name: "store", dataType: "String", value: "example_corp"),
        .init(name: "event", dataType: "String.custom", value: "order_cancelled"),
        .init(name: "price", dataType: "Number", value: "210.75"), .init(name: "count", dataType: "Number.int", value: "3"),
        .init(name: "interests", dataType: "String.Array", value: #"["soccer", "rugby", 5, true, null]"#),
        .init(name: "digits", dataType: "String", value: "100"), .init(name: "picture", dataType: "Binary", value: "AAAA"),
        .init(name: "broken", dataType: "String.Array", value: "not json"),
    ]

    @Test(arguments: [
        ("{}", true), (#"{"store": ["example_corp"]}"#, true), (#"{"store": ["other"]}"#, false),
        (#"{"store": ["example_corp"], "event": [{"anything-but": "order_placed"}]}"#, true),
        (#"{"store": ["example_corp"], "event": ["order_placed"]}"#, false), (#"{"missing": ["x"]}"#, false),
        (#"{"missing": [{"exists": false}]}"#, true), (#"{"store": [{"exists": true}]}"#, true),
        (#"{"price": [{"numeric": [">=", 100, "<", 300]}]}"#, true), (#"{"price": [210.75]}"#, true),
        (#"{"price": ["210.75"]}"#, false), (#"{"count": [3]}"#, true), (#"{"digits": [100]}"#, false), (#"{"digits": ["100"]}"#, true),
        (#"{"digits": [{"numeric": ["=", 100]}]}"#, false),
        (#"{"interests": ["rugby", "football"]}"#, true), (#"{"interests": [5]}"#, true), (#"{"interests": [true]}"#, true),
        (#"{"interests": [null]}"#, true), (#"{"interests": ["tennis"]}"#, false),
        (#"{"interests": [{"anything-but": ["rugby", "soccer"]}]}"#, true), (#"{"interests": [{"prefix": "soc"}]}"#, true),
        (#"{"picture": [{"exists": true}]}"#, false), (#"{"broken": [{"exists": true}]}"#, false),
        (#"{"store": [{"equals-ignore-case": "EXAMPLE_corp"}]}"#, true), (#"{"store": [{"suffix": "corp"}]}"#, true),
        (#"{"$or": [{"store": ["x"]}, {"count": [3]}]}"#, true),
    ])
    func attributesAreFiltered(policy: String, accepted: Bool) throws {
        let policy = try FilterPolicy(parsing: policy, scope: .messageAttributes)
        #expect(policy.accepts(attributes: Self.attributes, body: "hello") == accepted)
    }

    @Test(arguments: [
        (#"{"job": {"state": ["FAILED"]}}"#, #"{"job": {"state": "FAILED"}}"#, true),
        (#"{"job": {"state": ["FAILED"]}}"#, #"{"job": {"state": "DONE"}}"#, false),
        (#"{"state": ["FAILED"]}"#, #"{"state": ["DONE", "FAILED"]}"#, true), (#"{"state": ["FAILED"]}"#, "FAILED", false),
        (#"{"state": ["FAILED"]}"#, #""FAILED""#, false), (#"{"state": [{"exists": false}]}"#, "[]", false),
        ("{}", "anything", true), (#"{"job.state": ["FAILED"]}"#, #"{"job": {"state": "FAILED"}}"#, true),
        (#"{"job.state": ["FAILED"]}"#, #"{"job.state": "FAILED"}"#, true),
    ])
    func bodiesAreFiltered(policy: String, body: String, accepted: Bool) throws {
        let policy = try FilterPolicy(parsing: policy, scope: .messageBody)
        #expect(policy.accepts(attributes: Self.attributes, body: body) == accepted)
    }

    @Test(arguments: [
        (#"{"a": "x"}"#, #""a" must be an object or an array"#),
        (#"{"a": {"b": ["x"]}}"#, "Filter policy scope MessageAttributes does not support nested filter policy"),
        (#"{"a": [1], "b": [1], "c": [1], "d": [1], "e": [1], "f": [1]}"#, "Filter policy can not have more than 5 keys"),
        (
            #"{"a": [1,2,3,4,5,6], "b": [1,2,3,4,5,6], "c": [1,2,3,4,5]}"#, "Filter policy is too complex"
        ),
    ])
    func faultyPoliciesAreRefused(policy: String, reason: String) {
        #expect(throws: EventPatternError(reason)) { try FilterPolicy(parsing: policy, scope: .messageAttributes) }
        #expect(EventPatternError(reason).filterPolicyMessage == "Invalid parameter: FilterPolicy: \(reason)")
    }
}
